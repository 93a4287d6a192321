import { type Command, readCommand, type ReadCommand, writeCommand } from './command.js';

/** Instances of an Auto Scaling group, with their state (aws autoscaling describe-auto-scaling-groups). */
export const describeGroup = (group: string, region: string): ReadCommand =>
  readCommand(
    'aws',
    'autoscaling',
    'describe-auto-scaling-groups',
    '--region',
    region,
    '--auto-scaling-group-names',
    group,
    '--output',
    'json',
  );

const describeIn = (region: string, ...which: readonly string[]): ReadCommand =>
  readCommand('aws', 'ec2', 'describe-instances', '--region', region, '--output', 'json', ...which);

/** Addresses of instances (aws ec2 describe-instances). */
export const describeInstances = (ids: readonly string[], region: string): ReadCommand =>
  describeIn(region, '--instance-ids', ...ids);

/**
 * Instances that have all of these tags and run (aws ec2 describe-instances). As JSON: in the short form a comma in a
 * value begins another one.
 */
export const describeTagged = (tags: Readonly<Record<string, string>>, region: string): ReadCommand =>
  describeIn(
    region,
    '--filters',
    JSON.stringify([
      { Name: 'instance-state-name', Values: ['running'] },
      ...Object.entries(tags).map(([name, value]) => ({ Name: `tag:${name}`, Values: [value] })),
    ]),
  );

/** Targets of a load balancer's group, with their health (aws elbv2 describe-target-health). */
export const describeTargets = (arn: string, region: string): ReadCommand =>
  readCommand(
    'aws',
    'elbv2',
    'describe-target-health',
    '--region',
    region,
    '--target-group-arn',
    arn,
    '--output',
    'json',
  );

interface TargetsAnswer {
  readonly TargetHealthDescriptions: readonly {
    readonly Target?: { readonly Id?: string };
    readonly TargetHealth?: { readonly State?: string };
  }[];
}

/** Ids of the targets that get requests: instances (`i-…`), or addresses where the group has those. Each once, sorted. */
export function healthyTargets(json: string): string[] {
  const { TargetHealthDescriptions: targets } = JSON.parse(json) as TargetsAnswer;
  const ids = targets
    .filter(({ TargetHealth }) => TargetHealth?.State === 'healthy')
    .flatMap(({ Target }) => (Target?.Id === undefined ? [] : [Target.Id]));
  return [...new Set(ids)].sort();
}

/** The region of an ARN: `arn:aws:elasticloadbalancing:eu-central-1:…`. */
export const regionOf = (arn: string): string => arn.split(':')[3] ?? '';

interface GroupAnswer {
  readonly AutoScalingGroups?: readonly {
    readonly Instances?: readonly {
      readonly InstanceId?: string;
      readonly LifecycleState?: string;
      readonly HealthStatus?: string;
    }[];
  }[];
}

/** Ids of the instances that serve: in service and healthy. Undefined: the answer knows no group. */
export function healthyInstances(json: string): string[] | undefined {
  const answer = JSON.parse(json) as GroupAnswer;
  if ((answer.AutoScalingGroups ?? []).length === 0) return undefined;
  return (answer.AutoScalingGroups ?? [])
    .flatMap((group) => group.Instances ?? [])
    .filter((instance) => instance.LifecycleState === 'InService' && instance.HealthStatus === 'Healthy')
    .flatMap((instance) => (instance.InstanceId === undefined ? [] : [instance.InstanceId]))
    .sort();
}

/** Ids of the instances of an answer that run. */
export function runningInstances(json: string): string[] {
  const { Reservations } = JSON.parse(json) as Required<InstancesAnswer>;
  return Reservations.flatMap(({ Instances }) => Instances ?? [])
    .filter(({ State }) => State?.Name === 'running')
    .flatMap(({ InstanceId }) => InstanceId ?? [])
    .sort();
}

interface InstancesAnswer {
  readonly Reservations?: readonly {
    readonly Instances?: readonly {
      readonly InstanceId?: string;
      readonly PrivateIpAddress?: string;
      readonly PublicIpAddress?: string;
      readonly Ipv6Address?: string;
      readonly NetworkInterfaces?: readonly {
        readonly Ipv6Addresses?: readonly { readonly Ipv6Address?: string }[];
      }[];
      readonly State?: { readonly Name?: string };
    }[];
  }[];
}

/**
 * Addresses of running instances by their ids: the private one, which bastions and runners inside the network reach;
 * that of IPv6 where there is no other.
 */
export function instanceAddresses(json: string): ReadonlyMap<string, string> {
  const answer = JSON.parse(json) as InstancesAnswer;
  const instances = (answer.Reservations ?? [])
    .flatMap((reservation) => reservation.Instances ?? [])
    .filter((instance) => instance.State?.Name === 'running');
  return new Map(
    instances.flatMap(
      ({ InstanceId = '', PrivateIpAddress, PublicIpAddress, Ipv6Address, NetworkInterfaces }) => {
        const [ofInterface] = (NetworkInterfaces ?? []).flatMap((one) => one.Ipv6Addresses ?? []);
        const address = PrivateIpAddress || PublicIpAddress || Ipv6Address || ofInterface?.Ipv6Address;
        return address === undefined || address === '' ? [] : [[InstanceId, address] as const];
      },
    ),
  );
}

/** Forgets what the CDN has of these paths (aws cloudfront create-invalidation). */
export const createInvalidation = (distribution: string, paths: readonly string[]): Command<'write'> =>
  writeCommand(
    'aws',
    'cloudfront',
    'create-invalidation',
    '--distribution-id',
    distribution,
    '--output',
    'json',
    '--paths',
    ...paths,
  );

/** Replaces the instances of a group one after the other (aws autoscaling start-instance-refresh). */
export const startInstanceRefresh = (group: string, region: string): Command<'write'> =>
  writeCommand(
    'aws',
    'autoscaling',
    'start-instance-refresh',
    '--region',
    region,
    '--auto-scaling-group-name',
    group,
    '--output',
    'json',
  );

/** How far a refresh is (aws autoscaling describe-instance-refreshes). */
export const describeRefresh = (group: string, region: string, id: string): ReadCommand =>
  readCommand(
    'aws',
    'autoscaling',
    'describe-instance-refreshes',
    '--region',
    region,
    '--auto-scaling-group-name',
    group,
    '--instance-refresh-ids',
    id,
    '--output',
    'json',
  );

/** Id of the refresh that was started; undefined where the answer has none. */
export function refreshId(json: string): string | undefined {
  const { InstanceRefreshId } = JSON.parse(json) as { readonly InstanceRefreshId?: unknown };
  return typeof InstanceRefreshId === 'string' ? InstanceRefreshId : undefined;
}

interface Refresh {
  /** InstanceRefreshStatus of the API: `InProgress`, `Successful`, `Failed` … */
  readonly status: string;
  readonly percent: number;
  /** Of AWS, where it gives one. */
  readonly reason: string;
}

/** How far a refresh is. One that was started a moment ago may not be in the answer yet: it is pending. */
export function refreshState(json: string): Refresh {
  const { InstanceRefreshes } = JSON.parse(json) as {
    readonly InstanceRefreshes: readonly {
      readonly Status?: string;
      readonly StatusReason?: string;
      readonly PercentageComplete?: number;
    }[];
  };
  const { Status, StatusReason, PercentageComplete } = InstanceRefreshes[0] ?? { Status: 'Pending' };
  return { status: Status ?? 'unknown', percent: PercentageComplete ?? 0, reason: StatusReason ?? '' };
}

/** A refresh that still does something; the other states are ends (InstanceRefreshStatus of the Auto Scaling API). */
export const isRefreshing = ({ status }: Pick<Refresh, 'status'>): boolean =>
  ['Pending', 'InProgress', 'Baking', 'Cancelling', 'RollbackInProgress'].includes(status);

import { type Command, readCommand, type ReadCommand, writeCommand } from './command.js';

/** Words of a call about one region. @param about what of it, as options */
const inRegion = (
  region: string,
  [service, action]: readonly [string, string],
  ...about: readonly string[]
) => ['aws', service, action, '--region', region, ...about, '--output', 'json'] as const;

/** Instances of an Auto Scaling group, with their state (aws autoscaling describe-auto-scaling-groups). */
export const describeGroup = (group: string, region: string): ReadCommand =>
  readCommand(
    ...inRegion(region, ['autoscaling', 'describe-auto-scaling-groups'], '--auto-scaling-group-names', group),
  );

const describeIn = (region: string, ...which: readonly string[]): ReadCommand =>
  readCommand('aws', 'ec2', 'describe-instances', '--region', region, '--output', 'json', ...which);

/** Addresses of instances (aws ec2 describe-instances). */
export const describeInstances = (ids: readonly string[], region: string): ReadCommand =>
  describeIn(region, '--instance-ids', ...ids);

/** Running instances with all of these tags. As JSON: in the short form a comma in a value begins another one. */
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
  readCommand(...inRegion(region, ['elbv2', 'describe-target-health'], '--target-group-arn', arn));

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
    .flatMap(({ Target }) => Target?.Id ?? []);
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
  const { AutoScalingGroups: groups = [] } = JSON.parse(json) as GroupAnswer;
  if (groups.length === 0) return undefined;
  return groups
    .flatMap(({ Instances }) => Instances ?? [])
    .filter(
      ({ LifecycleState, HealthStatus }) => LifecycleState === 'InService' && HealthStatus === 'Healthy',
    )
    .flatMap(({ InstanceId }) => InstanceId ?? [])
    .sort();
}

interface InstancesAnswer {
  readonly Reservations: readonly { readonly Instances?: readonly Instance[] }[];
}

interface Instance {
  readonly InstanceId?: string;
  readonly PrivateIpAddress?: string;
  readonly PublicIpAddress?: string;
  readonly Ipv6Address?: string;
  readonly NetworkInterfaces?: readonly {
    readonly Ipv6Addresses?: readonly { readonly Ipv6Address?: string }[];
  }[];
  readonly State?: { readonly Name?: string };
}

const running = (json: string): Instance[] =>
  (JSON.parse(json) as InstancesAnswer).Reservations.flatMap(({ Instances }) => Instances ?? []).filter(
    ({ State }) => State?.Name === 'running',
  );

export const runningInstances = (json: string): string[] =>
  running(json)
    .flatMap(({ InstanceId }) => InstanceId ?? [])
    .sort();

/** Addresses of running instances by their ids: the private one; that of IPv6 where there is no other. */
export const instanceAddresses = (json: string): ReadonlyMap<string, string> =>
  new Map(
    running(json).flatMap(
      ({ InstanceId = '', PrivateIpAddress, PublicIpAddress, Ipv6Address, NetworkInterfaces }) => {
        const [ofInterface] = (NetworkInterfaces ?? []).flatMap((one) => one.Ipv6Addresses ?? []);
        const address = PrivateIpAddress || PublicIpAddress || Ipv6Address || ofInterface?.Ipv6Address;
        return address === undefined || address === '' ? [] : [[InstanceId, address] as const];
      },
    ),
  );

/** Forgets what the CDN has of these paths (aws cloudfront create-invalidation). */
export function createInvalidation(distribution: string, paths: readonly string[]): Command<'write'> {
  const about = ['--distribution-id', distribution, '--output', 'json', '--paths', ...paths];
  return writeCommand('aws', 'cloudfront', 'create-invalidation', ...about);
}

/** Replaces the instances of a group one after the other (aws autoscaling start-instance-refresh). */
export const startInstanceRefresh = (group: string, region: string): Command<'write'> =>
  writeCommand(
    ...inRegion(region, ['autoscaling', 'start-instance-refresh'], '--auto-scaling-group-name', group),
  );

/** How far a refresh is (aws autoscaling describe-instance-refreshes). */
export function describeRefresh(group: string, region: string, id: string): ReadCommand {
  const about = ['--auto-scaling-group-name', group, '--instance-refresh-ids', id];
  return readCommand(...inRegion(region, ['autoscaling', 'describe-instance-refreshes'], ...about));
}

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

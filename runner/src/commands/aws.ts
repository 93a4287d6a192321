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

/** Addresses of instances (aws ec2 describe-instances). */
export const describeInstances = (ids: readonly string[], region: string): ReadCommand =>
  readCommand(
    'aws',
    'ec2',
    'describe-instances',
    '--region',
    region,
    '--output',
    'json',
    '--instance-ids',
    ...ids,
  );

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
        const address = PrivateIpAddress ?? PublicIpAddress ?? Ipv6Address ?? ofInterface?.Ipv6Address;
        return address === undefined ? [] : [[InstanceId, address] as const];
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

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

/** Ids of the instances that serve: in service and healthy. */
export function healthyInstances(json: string): string[] {
  const answer = JSON.parse(json) as GroupAnswer;
  return (answer.AutoScalingGroups ?? [])
    .flatMap((group) => group.Instances ?? [])
    .filter((instance) => instance.LifecycleState === 'InService' && instance.HealthStatus === 'Healthy')
    .flatMap((instance) => (instance.InstanceId === undefined ? [] : [instance.InstanceId]))
    .sort();
}

interface InstancesAnswer {
  readonly Reservations?: readonly {
    readonly Instances?: readonly {
      readonly PrivateIpAddress?: string;
      readonly PublicIpAddress?: string;
      readonly State?: { readonly Name?: string };
    }[];
  }[];
}

/** Addresses of running instances: the private one, which bastions and runners inside the network reach. */
export function instanceAddresses(json: string): string[] {
  const answer = JSON.parse(json) as InstancesAnswer;
  return (answer.Reservations ?? [])
    .flatMap((reservation) => reservation.Instances ?? [])
    .filter((instance) => instance.State?.Name === 'running')
    .flatMap((instance) => instance.PrivateIpAddress ?? instance.PublicIpAddress ?? [])
    .sort();
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

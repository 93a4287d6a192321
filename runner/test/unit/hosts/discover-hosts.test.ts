import { describe, expect, test } from '@jest/globals';
import { type ReadCommand } from '../../../src/commands/command.js';
import { UnderstudyError } from '../../../src/errors/index.js';
import { discoverAddresses, discoverHosts } from '../../../src/hosts/discover-hosts.js';
import { type CommandResult } from '../../../src/hosts/host.js';

const asked: string[] = [];
const runner = (answers: readonly string[]) => {
  const left = [...answers];
  return {
    run: (command: ReadCommand): Promise<CommandResult> => {
      asked.push(command.argv.join(' '));
      const answer = left.shift();
      if (answer === undefined)
        return Promise.reject(
          new UnderstudyError('COMMAND_FAILED', 'it failed', { stderr: 'no credentials' }),
        );
      return Promise.resolve({ code: 0, stdout: Buffer.from(answer), stderr: '', seconds: 0 });
    },
  };
};
const command = { kind: 'command', argv: ['list-hosts', '--live'] } as const;
const group = { kind: 'auto-scaling-group', group: 'acme-web', region: 'eu-west-1' } as const;

describe('a command', () => {
  test('one host per line, sorted, once each', async () => {
    expect(
      await discoverHosts(command, {
        runner: runner(['b.acme.net\n# spare\n\n10.0.0.1 # first\nb.acme.net\n']),
      }),
    ).toEqual(['10.0.0.1', 'b.acme.net']);
  });
  test.each([['-oProxyCommand=x'], ['a b'], ['$(x)'], ["a'b"]])('%s is no host', async (line) => {
    await expect(discoverHosts(command, { runner: runner([line]) })).rejects.toMatchObject({
      code: 'HOST_DISCOVERY_FAILED',
    });
  });
  test('nobody', async () => {
    await expect(discoverHosts(command, { runner: runner(['\n']) })).rejects.toThrow('No host was found.');
  });
  test('a command that fails is shown', async () => {
    await expect(discoverHosts(command, { runner: runner([]) })).rejects.toMatchObject({
      code: 'HOST_DISCOVERY_FAILED',
      command: 'list-hosts --live',
      stderr: 'no credentials',
    });
  });
});

describe('an Auto Scaling group', () => {
  const instances = (...states: [string, string, string][]): string =>
    JSON.stringify({
      AutoScalingGroups: [
        {
          Instances: states.map(([InstanceId, LifecycleState, HealthStatus]) => ({
            InstanceId,
            LifecycleState,
            HealthStatus,
          })),
        },
      ],
    });
  const addresses = JSON.stringify({
    Reservations: [
      {
        Instances: [
          {
            InstanceId: 'i-1',
            PrivateIpAddress: '10.0.0.2',
            PublicIpAddress: '1.2.3.4',
            State: { Name: 'running' },
          },
        ],
      },
      {
        Instances: [
          { InstanceId: 'i-2', PublicIpAddress: '1.2.3.5', State: { Name: 'running' } },
          { InstanceId: 'i-3', PrivateIpAddress: '10.0.0.9', State: { Name: 'stopping' } },
        ],
      },
    ],
  });
  test('healthy instances in service, by private address', async () => {
    asked.length = 0;
    const groupAnswer = instances(
      ['i-2', 'InService', 'Healthy'],
      ['i-1', 'InService', 'Healthy'],
      ['i-3', 'Terminating', 'Healthy'],
      ['i-4', 'InService', 'Unhealthy'],
    );
    expect(await discoverHosts(group, { runner: runner([groupAnswer, addresses]) })).toEqual([
      '1.2.3.5',
      '10.0.0.2',
    ]);
    expect(asked).toEqual([
      'aws autoscaling describe-auto-scaling-groups --region eu-west-1 --auto-scaling-group-names acme-web --output json',
      'aws ec2 describe-instances --region eu-west-1 --output json --instance-ids i-1 i-2',
    ]);
  });
  test('by IPv6 where there is nothing else', async () => {
    const only = (instance: object): string =>
      JSON.stringify({
        Reservations: [{ Instances: [{ InstanceId: 'i-1', State: { Name: 'running' }, ...instance }] }],
      });
    const healthy = instances(['i-1', 'InService', 'Healthy']);
    for (const instance of [
      { Ipv6Address: '2001:db8::7' },
      { NetworkInterfaces: [{ Ipv6Addresses: [] }, { Ipv6Addresses: [{ Ipv6Address: '2001:db8::7' }] }] },
    ])
      expect(await discoverHosts(group, { runner: runner([healthy, only(instance)]) })).toEqual([
        '2001:db8::7',
      ]);
  });
  test.each([
    ['empty', '', /^aws printed nothing/],
    ['cut off', '{"AutoScalingGroups":[{"Inst', /^The output of aws is incomplete/],
    ['of another shape', 'null', /^The output of aws is incomplete/],
    ['without the group', '{"AutoScalingGroups":[]}', /^There is no group acme-web in eu-west-1/],
  ])('an answer that is %s is named', async (_case, answer, expected) => {
    await expect(discoverHosts(group, { runner: runner([answer]) })).rejects.toMatchObject({
      code: 'HOST_DISCOVERY_FAILED',
      message: expect.stringMatching(expected),
    });
  });
  test('an instance in service without an address is named', async () => {
    const groupAnswer = instances(['i-1', 'InService', 'Healthy'], ['i-3', 'InService', 'Healthy']);
    await expect(discoverHosts(group, { runner: runner([groupAnswer, addresses]) })).rejects.toThrow(
      'aws names no address of the instances i-3',
    );
  });
  test('none is healthy', async () => {
    await expect(
      discoverHosts(group, { runner: runner([instances(['i-1', 'Pending', 'Healthy'])]) }),
    ).rejects.toThrow('no healthy instance');
  });
});

describe('a target group', () => {
  const arn = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/acme/0123456789abcdef';
  const discovery = { kind: 'target-group', arn } as const;
  const health = (...targets: [string, string][]): string =>
    JSON.stringify({
      TargetHealthDescriptions: targets.map(([Id, State]) => ({
        Target: { Id, Port: 80 },
        TargetHealth: { State },
      })),
    });
  const instance = JSON.stringify({
    Reservations: [
      { Instances: [{ InstanceId: 'i-1', PrivateIpAddress: '10.0.0.2', State: { Name: 'running' } }] },
    ],
  });
  test('its healthy instances and addresses, each once', async () => {
    asked.length = 0;
    const answer = health(
      ['i-1', 'healthy'],
      ['i-1', 'healthy'],
      ['i-2', 'draining'],
      ['10.0.0.9', 'healthy'],
    );
    expect(await discoverHosts(discovery, { runner: runner([answer, instance]) })).toEqual([
      '10.0.0.2',
      '10.0.0.9',
    ]);
    expect(asked[0]).toContain(`describe-target-health --region eu-west-1 --target-group-arn ${arn}`);
  });
  test.each([
    ['no healthy target', health(['i-1', 'unhealthy']), 'no healthy target'],
    [
      'a function as its target',
      health(['arn:aws:lambda:x', 'healthy']),
      'neither an instance nor an address',
    ],
    ['an answer of another shape', '{}', 'incomplete'],
  ])('%s is named', async (_, answer, expected) => {
    await expect(discoverHosts(discovery, { runner: runner([answer]) })).rejects.toThrow(expected);
  });
});

describe('tags', () => {
  const discovery = { kind: 'tags', tags: { Site: 'acme', Role: 'web, shop' }, region: 'eu-west-1' } as const;
  const answer = (...instances: object[]): string =>
    JSON.stringify({ Reservations: [{ Instances: instances }] });
  const running = { State: { Name: 'running' } };
  test('the instances that have all of them and run', async () => {
    asked.length = 0;
    const said = answer(
      { InstanceId: 'i-2', PrivateIpAddress: '10.0.0.3', ...running },
      {
        InstanceId: 'i-1',
        PrivateIpAddress: '',
        PublicIpAddress: '',
        Ipv6Address: '2001:db8::2',
        ...running,
      },
    );
    expect(await discoverHosts(discovery, { runner: runner([said, said]) })).toEqual([
      '10.0.0.3',
      '2001:db8::2',
    ]);
    // In the short form a comma begins another value.
    expect(JSON.parse(asked[0]?.split('--filters ')[1] ?? '')).toEqual([
      { Name: 'instance-state-name', Values: ['running'] },
      { Name: 'tag:Site', Values: ['acme'] },
      { Name: 'tag:Role', Values: ['web, shop'] },
    ]);
  });
  test.each([
    ['none', answer(), 'No instance with these tags'],
    ['one without an address', answer({ InstanceId: 'i-1', ...running }), 'no address of the instances i-1'],
  ])('%s is named', async (_, said, expected) => {
    await expect(discoverHosts(discovery, { runner: runner([said, said]) })).rejects.toThrow(expected);
  });
});

test('an address for each host found', async () => {
  const address = {
    kind: 'ssh',
    host: '',
    port: 22,
    user: 'deploy',
    hostKeys: [],
    discover: command,
  } as const;
  expect(await discoverAddresses(address, { runner: runner(['a\nb\n']) })).toEqual([
    { kind: 'ssh', host: 'a', port: 22, user: 'deploy', hostKeys: [] },
    { kind: 'ssh', host: 'b', port: 22, user: 'deploy', hostKeys: [] },
  ]);
});

import { describe, expect, test } from '@jest/globals';
import { childEnvironment } from '../../../src/hosts/process/child-environment.js';

const environment = {
  PATH: '/usr/bin',
  LC_ALL: 'C.UTF-8',
  AWS_PROFILE: 'web',
  DB_PASSWORD: 'of the site file',
  UNDERSTUDY_CREDENTIAL_DEPLOY_KEY: '/run/key',
  UNDERSTUDY_CREDENTIAL_LOGIN_PSW: 'secret',
};

describe('what a process on the runner’s machine gets to see', () => {
  test.each([
    ['staging', ['PATH', 'LC_ALL']],
    ['production', ['PATH', 'LC_ALL']],
    ['runner', ['PATH', 'LC_ALL', 'AWS_PROFILE', 'DB_PASSWORD']],
  ] as const)('%s', (side, names) => {
    expect(Object.keys(childEnvironment(side, environment))).toEqual(names);
  });
});

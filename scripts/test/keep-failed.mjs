// The test environment of `npm run suites -- --keep`: says to the sandbox, before a file cleans up, that one of its
// tests has failed. See sandbox/servers/kept-servers.ts.
import { TestEnvironment } from 'jest-environment-node';

export default class KeepFailed extends TestEnvironment {
  #failed = false;

  handleTestEvent(event) {
    if (event.name === 'test_fn_failure' || event.name === 'hook_failure') this.#failed = true;
    if (event.name === 'hook_start' && event.hook.type === 'afterAll' && this.#failed)
      this.global.understudyTestFailed = true;
  }
}

/**
 * Runs words inside a container. `-i` keeps stdin. No `-e`: the environment of `docker exec` shows in `ps`.
 * @param container name or id, as `docker ps` prints it.
 */
export function dockerExecWords(container: string, words: readonly string[]): [string, ...string[]] {
  if (!isContainerName(container)) throw new TypeError(`not a container name: ${container}`);
  return ['docker', 'exec', '-i', container, ...words];
}

/** What Docker itself accepts as a name (moby: daemon/names), which also keeps options out. */
export const isContainerName = (name: string): boolean => /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name);

/** Prints the container's process id on its host and its addresses, one line each. */
export const dockerInspectWords = (container: string): [string, ...string[]] => {
  if (!isContainerName(container)) throw new TypeError(`not a container name: ${container}`);
  return [
    'docker',
    'inspect',
    '--type',
    'container',
    '--format',
    '{{.State.Pid}}{{range .NetworkSettings.Networks}} {{.IPAddress}}{{end}}',
    container,
  ];
};

import { UnderstudyError } from '../errors/index.js';
import { type JenkinsAnswer, type JenkinsBody, type JenkinsClient, jobPath } from './jenkins-client.js';
import { escapeXml, folderXml, jobXml, textOfElement, viewXml } from './job-xml.js';
import { type JobsDefinition, MADE_BY } from './jobs.js';

export interface JobChange {
  readonly action: 'created' | 'updated' | 'unchanged' | 'disabled';
  readonly kind: 'folder' | 'job' | 'view';
  /** Full name, folders included. */
  readonly path: string;
}

/**
 * Makes Jenkins' folders, jobs and views what the definition says, through its REST API. Running it again changes
 * nothing. Jobs of ours that are in the definition no more are disabled, never deleted; what others made is left alone.
 * @param told called for every folder, job and view, in order
 * @throws JENKINS_REFUSED, JENKINS_UNREACHABLE
 */
export async function applyJobs(
  client: JenkinsClient,
  wanted: JobsDefinition,
  options: { readonly dryRun: boolean; told(change: JobChange): void },
): Promise<JobChange[]> {
  const changes: JobChange[] = [];
  const tell = (change: JobChange): void => {
    changes.push(change);
    options.told(change);
  };
  const send = async (path: string, text: string): Promise<void> => {
    if (!options.dryRun) await accepted(client, path, { kind: 'xml', text });
  };
  for (const { path, ...folder } of wanted.folders) {
    const exists = await found(client, `${jobPath(path)}/api/json?tree=_class`);
    // A folder's configuration also holds credentials and views that people made: it is never written again.
    if (exists === undefined) await send(createPath(path), folderXml({ path, ...folder }));
    tell({ action: exists === undefined ? 'created' : 'unchanged', kind: 'folder', path });
  }
  for (const job of wanted.jobs) {
    const present = await found(client, `${jobPath(job.path)}/config.xml`);
    const same =
      present !== undefined &&
      textOfElement(present.text, 'script') === job.script &&
      textOfElement(present.text, 'disabled') !== 'true';
    if (present === undefined) await send(createPath(job.path), jobXml(job));
    else if (!same) await send(`${jobPath(job.path)}/config.xml`, jobXml(job));
    tell({
      action: present === undefined ? 'created' : same ? 'unchanged' : 'updated',
      kind: 'job',
      path: job.path,
    });
  }
  for (const view of wanted.views) {
    const base = `${jobPath(view.folder)}/view/${encodeURIComponent(view.name)}`;
    const present = await found(client, `${base}/config.xml`);
    const same = present?.text.includes(`<includeRegex>${escapeXml(view.regex)}</includeRegex>`) === true;
    if (present === undefined)
      await send(`${jobPath(view.folder)}/createView?name=${encodeURIComponent(view.name)}`, viewXml(view));
    else if (!same) await send(`${base}/config.xml`, viewXml(view));
    const action = present === undefined ? 'created' : same ? 'unchanged' : 'updated';
    tell({ action, kind: 'view', path: `${view.folder}/${view.name}` });
  }
  for (const path of await removedJobs(client, wanted)) {
    if (!options.dryRun) await accepted(client, `${jobPath(path)}/disable`, { kind: 'form', values: {} });
    tell({ action: 'disabled', kind: 'job', path });
  }
  return changes;
}

const parentOf = (path: string): string => path.split('/').slice(0, -1).join('/');

function createPath(path: string): string {
  const parent = parentOf(path);
  const name = encodeURIComponent(path.split('/').at(-1) ?? '');
  return `${parent === '' ? '' : jobPath(parent)}/createItem?name=${name}`;
}

async function found(client: JenkinsClient, path: string): Promise<JenkinsAnswer | undefined> {
  const answer = await client.get(path);
  if (answer.status === 404) return undefined;
  if (answer.status === 200) return answer;
  throw refused(path, answer);
}

async function accepted(client: JenkinsClient, path: string, body: JenkinsBody): Promise<void> {
  const answer = await client.post(path, body);
  // Jenkins answers many a successful POST with a redirect to the page of what was changed.
  if (answer.status >= 400) throw refused(path, answer);
}

const refused = (path: string, answer: JenkinsAnswer): UnderstudyError =>
  new UnderstudyError(
    'JENKINS_REFUSED',
    `Jenkins answered ${String(answer.status)} to ${path.split('?')[0] ?? path}.`,
    {
      next:
        answer.status === 404
          ? 'The folder above it must exist, and the plugins that docs/jenkins.md lists must be installed.'
          : "Look into Jenkins' own log; the plugins that docs/jenkins.md lists must be installed.",
    },
  );

interface ListedItem {
  readonly name: string;
  readonly description?: string | null;
  /** Only of jobs: `disabled` when it is. */
  readonly color?: string;
  readonly jobs?: readonly ListedItem[];
}

/** Jobs of ours below the folder that the definition does not have and that are not disabled yet. */
async function removedJobs(client: JenkinsClient, wanted: JobsDefinition): Promise<string[]> {
  const [root] = wanted.folders;
  if (root === undefined) return [];
  const tree = 'jobs[name,description,color,jobs[name,description,color]]';
  const answer = await found(client, `${jobPath(root.path)}/api/json?tree=${encodeURIComponent(tree)}`);
  if (answer === undefined) return [];
  const listed = JSON.parse(answer.text) as { readonly jobs?: readonly ListedItem[] };
  const known = new Set(wanted.jobs.map(({ path }) => path));
  return jobsBelow(root.path, listed.jobs ?? [])
    .filter(({ path, item }) => !known.has(path) && item.color !== 'disabled')
    .filter(({ item }) => item.description?.includes(MADE_BY) === true)
    .map(({ path }) => path);
}

const jobsBelow = (
  folder: string,
  items: readonly ListedItem[],
): { readonly path: string; readonly item: ListedItem }[] =>
  items.flatMap((item) => {
    const path = `${folder}/${item.name}`;
    return item.jobs === undefined ? [{ path, item }] : jobsBelow(path, item.jobs);
  });

import { UnderstudyError } from '../errors/index.js';
import { type JenkinsAnswer, type JenkinsBody, type JenkinsClient, jobPath } from './jenkins-client.js';
import { folderXml, jobXml, viewXml } from './job-xml.js';
import {
  type FolderDefinition,
  type JobDefinition,
  type JobsDefinition,
  MADE_BY,
  type ViewDefinition,
} from './jobs.js';
import { managedPartOfJob, managedPartOfView, withFolderTexts } from './managed-xml.js';

export interface JobChange {
  readonly action: 'created' | 'updated' | 'unchanged' | 'disabled';
  readonly kind: 'folder' | 'job' | 'view';
  /** Full name, folders included. */
  readonly path: string;
}

/**
 * Makes Jenkins' folders, jobs and views what the definition says, through its REST API. Running it again changes
 * nothing. Jobs of Understudy that are in the definition no more are disabled, never deleted; what others made is left alone.
 * @param report called for every folder, job and view, in order
 * @throws JENKINS_REFUSED, JENKINS_UNREACHABLE
 */
export async function applyJobs(
  client: JenkinsClient,
  wanted: JobsDefinition,
  options: { readonly dryRun: boolean; report(change: JobChange): void },
): Promise<JobChange[]> {
  const changes: JobChange[] = [];
  const report = (change: JobChange): void => {
    changes.push(change);
    options.report(change);
  };
  const send = async (path: string, text: string): Promise<void> => {
    if (!options.dryRun) await accepted(client, path, { kind: 'xml', text });
  };
  const put = async (kind: JobChange['kind'], path: string, target: JobTarget): Promise<void> => {
    const present = await found(client, target.config);
    const text = present === undefined ? target.text : target.changed(present.text);
    if (text !== undefined) await send(present === undefined ? target.create : target.config, text);
    const action = present === undefined ? 'created' : text === undefined ? 'unchanged' : 'updated';
    report({ action, kind, path });
  };
  for (const folder of wanted.folders) await put('folder', folder.path, placeOfFolder(folder));
  for (const job of wanted.jobs) await put('job', job.path, placeOfJob(job));
  for (const view of wanted.views) await put('view', `${view.folder}/${view.name}`, placeOfView(view));
  for (const path of await removedJobs(client, wanted)) {
    if (!options.dryRun) await accepted(client, `${jobPath(path)}/disable`, { kind: 'form', values: {} });
    report({ action: 'disabled', kind: 'job', path });
  }
  return changes;
}

/** Where one folder, job or view is created and configured. */
interface JobTarget {
  readonly create: string;
  readonly config: string;
  /** config.xml of a new one. */
  readonly text: string;
  /** @returns the configuration that the present one has to become; undefined when it is as it should be */
  changed(present: string): string | undefined;
}

/** A folder's configuration also holds credentials and views that people made: only its two texts are changed. */
const placeOfFolder = (folder: FolderDefinition): JobTarget => ({
  create: createPath(folder.path),
  config: `${jobPath(folder.path)}/config.xml`,
  text: folderXml(folder),
  changed: (present) => {
    const next = withFolderTexts(present, folder);
    return next === present ? undefined : next;
  },
});

function placeOfJob(job: JobDefinition): JobTarget {
  const text = jobXml(job);
  return {
    create: createPath(job.path),
    config: `${jobPath(job.path)}/config.xml`,
    text,
    changed: (present) => (managedPartOfJob(present) === managedPartOfJob(text) ? undefined : text),
  };
}

function placeOfView(view: ViewDefinition): JobTarget {
  const text = viewXml(view);
  return {
    create: `${jobPath(view.folder)}/createView?name=${encodeURIComponent(view.name)}`,
    config: `${jobPath(view.folder)}/view/${encodeURIComponent(view.name)}/config.xml`,
    text,
    changed: (present) => (managedPartOfView(present) === managedPartOfView(text) ? undefined : text),
  };
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
          : "Check Jenkins' own log; the plugins that docs/jenkins.md lists must be installed.",
    },
  );

interface ListedItem {
  readonly name: string;
  readonly description?: string | null;
  /** Only of jobs: `disabled` when it is. */
  readonly color?: string;
  readonly jobs?: readonly ListedItem[];
}

/** Jobs of Understudy below the folder that the definition does not have and that are not disabled yet. */
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

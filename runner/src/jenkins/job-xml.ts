import { escapeMarkup } from '../basics/escape-markup.js';
import { type FolderDefinition, type JobDefinition, type JobParameter, type ViewDefinition } from './jobs.js';

/** Jenkins gets every character as it is: a script has to come back unchanged. What XML cannot hold at all is dropped. */
export const exactXml = (text: string): string =>
  escapeMarkup(text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, ''));

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

/** In one pass: `&#38;lt;` is the text `&lt;`. */
export const unescapeXml = (text: string): string =>
  text.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|(lt|gt|quot|apos|amp));/gi,
    (_, hex: string | undefined, decimal: string | undefined, name: string | undefined) =>
      name === undefined
        ? String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16))
        : (NAMED[name.toLowerCase()] ?? ''),
  );

const HEAD = "<?xml version='1.1' encoding='UTF-8'?>\n";
const tag = (name: string, text: string): string => `<${name}>${exactXml(text)}</${name}>`;

function parameterXml({ name, type, description, defaultValue }: JobParameter): string {
  const kind =
    type === 'boolean' ? 'hudson.model.BooleanParameterDefinition' : 'hudson.model.StringParameterDefinition';
  const rest =
    type === 'boolean'
      ? '<defaultValue>false</defaultValue>'
      : `${tag('defaultValue', defaultValue)}<trim>true</trim>`;
  return `<${kind}>${tag('name', name)}${tag('description', description)}${rest}</${kind}>`;
}

const JOB_PROPERTIES = 'org.jenkinsci.plugins.workflow.job.properties';

/** config.xml of a pipeline job. Plugin versions are left out: Jenkins takes those that it has. */
export function jobXml(job: JobDefinition): string {
  const parameters =
    job.parameters.length === 0
      ? ''
      : `<hudson.model.ParametersDefinitionProperty><parameterDefinitions>${job.parameters.map(parameterXml).join('')}</parameterDefinitions></hudson.model.ParametersDefinitionProperty>`;
  const triggers =
    job.schedule === ''
      ? ''
      : `<${JOB_PROPERTIES}.PipelineTriggersJobProperty><triggers><hudson.triggers.TimerTrigger>${tag('spec', job.schedule)}</hudson.triggers.TimerTrigger></triggers></${JOB_PROPERTIES}.PipelineTriggersJobProperty>`;
  const single = `<${JOB_PROPERTIES}.DisableConcurrentBuildsJobProperty><abortPrevious>false</abortPrevious></${JOB_PROPERTIES}.DisableConcurrentBuildsJobProperty>`;
  return `${HEAD}<flow-definition>
${tag('description', job.description)}
${tag('displayName', job.title)}
<keepDependencies>false</keepDependencies>
<properties>${single}${parameters}${triggers}</properties>
<definition class="org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition">
${tag('script', job.script)}
<sandbox>true</sandbox>
</definition>
<triggers/>
<disabled>false</disabled>
</flow-definition>
`;
}

export const folderXml = (
  folder: FolderDefinition,
): string => `${HEAD}<com.cloudbees.hudson.plugins.folder.Folder>
${tag('description', folder.description)}
${tag('displayName', folder.title)}
<properties/>
</com.cloudbees.hudson.plugins.folder.Folder>
`;

const COLUMNS = ['Status', 'Weather', 'Job', 'LastSuccess', 'LastFailure', 'LastDuration', 'BuildButton'];

export const viewXml = (view: ViewDefinition): string => `${HEAD}<hudson.model.ListView>
${tag('name', view.name)}
${tag('description', view.description)}
<filterExecutors>false</filterExecutors>
<filterQueue>false</filterQueue>
<properties class="hudson.model.View$PropertyList"/>
<jobNames><comparator class="java.lang.String$CaseInsensitiveComparator"/></jobNames>
<jobFilters/>
<columns>${COLUMNS.map((name) => `<hudson.views.${name}Column/>`).join('')}</columns>
${tag('includeRegex', view.regex)}
<recurse>true</recurse>
</hudson.model.ListView>
`;

/** The text of the first element of this name; '' where there is none. */
export const textOfElement = (xml: string, name: string): string =>
  unescapeXml(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(xml)?.[1] ?? '');

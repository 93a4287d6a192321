import { exactXml, textOfElement } from './job-xml.js';

/** What stands before the properties of an item; below them elements of the same names belong to others. */
const headOf = (xml: string): string => xml.split(/<(?:properties|folderViews|definition)\b/)[0] ?? '';

const elements = (xml: string, name: string): { readonly name: string; readonly inner: string }[] =>
  [...xml.matchAll(new RegExp(`<(${name})(?:\\s[^>]*)?>([\\s\\S]*?)</\\1>`, 'g'))].map(
    ([, found, inner]) => ({
      name: found ?? '',
      inner: inner ?? '',
    }),
  );

/**
 * Everything in the config.xml of a job that `jobXml` decides, as text to compare. What Jenkins and its plugins add
 * (versions, discarders, an empty trigger) is left out, and so is their order and layout.
 */
export function managedPartOfJob(xml: string): string {
  const head = headOf(xml);
  const parameters = elements(xml, 'hudson\\.model\\.\\w+ParameterDefinition').map(({ name, inner }) => [
    name,
    ...['name', 'description', 'defaultValue', 'trim'].map((part) => textOfElement(inner, part)),
  ]);
  const schedules = elements(xml, 'hudson\\.triggers\\.TimerTrigger')
    .map(({ inner }) => textOfElement(inner, 'spec'))
    .filter((spec) => spec !== '');
  return JSON.stringify([
    textOfElement(head, 'displayName'),
    textOfElement(head, 'description'),
    textOfElement(xml, 'script'),
    textOfElement(xml, 'sandbox'),
    textOfElement(xml, 'disabled') === 'true',
    /DisableConcurrentBuildsJobProperty/.test(xml),
    parameters,
    schedules,
  ]);
}

/** The same of a list view. */
export const managedPartOfView = (xml: string): string =>
  JSON.stringify([
    textOfElement(xml, 'description'),
    textOfElement(xml, 'includeRegex'),
    textOfElement(xml, 'recurse'),
    elements(xml, 'columns').flatMap(({ inner }) =>
      [...inner.matchAll(/<([\w.]+)/g)].map(([, name]) => name),
    ),
  ]);

/**
 * A folder's configuration with another title and description. Everything else, such as the credentials that it may
 * hold, stays byte for byte.
 */
export function withFolderTexts(
  xml: string,
  texts: { readonly title: string; readonly description: string },
): string {
  const head = headOf(xml);
  const others = head.replace(/\s*<(displayName|description)(?:\s*\/>|>[\s\S]*?<\/\1>)/g, '');
  const root = /<com\.cloudbees\.hudson\.plugins\.folder\.Folder\b[^>]*>/.exec(others);
  if (root === null || isSame(head, texts)) return xml;
  const end = root.index + root[0].length;
  const ours = `\n<description>${exactXml(texts.description)}</description>\n<displayName>${exactXml(texts.title)}</displayName>`;
  return `${others.slice(0, end)}${ours}${others.slice(end)}${xml.slice(head.length)}`;
}

const isSame = (head: string, { title, description }: { title: string; description: string }): boolean =>
  textOfElement(head, 'displayName') === title && textOfElement(head, 'description') === description;

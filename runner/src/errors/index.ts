export { catalogue, type ErrorCode } from './catalogue.js';
export { EXIT, type ExitCode } from './exit-codes.js';
export { type ErrorFinding, errorOf, type Finding, findingOf, isErrorFinding, warningOf } from './finding.js';
export { asInterrupted } from './understudy-error.js';
export { messageOf } from './understudy-error.js';
export { maskDocument, maskSecrets, maskValues, Secret, SHORTEST_MASKED } from './masking.js';
export { several } from './several.js';
export { shownLine, shownText } from './shown-text.js';
export { type ErrorDetails, lastLines, nameSite, UnderstudyError } from './understudy-error.js';

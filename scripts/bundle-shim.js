// In the bundle, import.meta.url does not exist; libraries that ask for it get the bundle's own address.
import { pathToFileURL } from 'node:url';

export const __understudyUrl = pathToFileURL(__filename).href;

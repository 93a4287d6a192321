// The first import of every script: modules run in the order in which they are imported.
import { refuseOldNode } from '../bundle/node-version.mjs';

refuseOldNode(process.versions.node);

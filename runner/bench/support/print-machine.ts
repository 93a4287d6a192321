import { machineLine } from './machine.js';

console.log(machineLine());

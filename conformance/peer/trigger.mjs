// trigger - what serves a directory (peer.mjs serve) sends what --trigger of readmit-conform wants: trigger.mjs DIR CASE WANTED
// [FILE CASEID [PICTURE [SCAN]]]; READMIT_STATE names the party, as for every trigger. A program of its own, since a case waits for it to start.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { order } from './control.mjs';

const [directory, , wanted, file, caseId, ...pictures] = process.argv.slice(2);
const text = wanted === 'two' ? process.env.READMIT_TWO.split(' ').map((one) => readFileSync(one, 'utf8')) : file && readFileSync(file, 'utf8');
const failed = await order(join(directory, 'control'), { party: process.env.READMIT_STATE, wanted, text, caseId, pictures });
if (failed) console.error(failed);
process.exitCode = failed ? 1 : 0;

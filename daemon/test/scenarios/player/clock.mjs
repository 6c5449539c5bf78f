// clock - the clocks of both nodes, which only go forward.
import { openSync, writeSync } from 'node:fs';

export class Clock {
	constructor(files) {
		this.files = files.map((file) => openSync(file, 'r+'));
		this.ahead = 0; // milliseconds before this machine's clock
	}

	now() {
		return Date.now() + this.ahead;
	}

	// To this instant, if it lies ahead; in one write of one length, so that no node reads half of it.
	to(instant) {
		this.ahead = Math.max(this.ahead, instant - Date.now());
		for (const file of this.files)
			writeSync(file, `+${String(this.ahead).padStart(19, '0')}`, 0);
	}
}

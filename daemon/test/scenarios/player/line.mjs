// line - the line from one State to the other. It can be cut, lose the documents, or lose the answers to them.
import net from 'node:net';

const DOCUMENT = 2048; // octets of a TLS record in which nothing but a document is so large
const UNTIL_CUT = 300; // milliseconds in which the other side takes what was not lost
const RECORD_HEAD = 5; // type, version, length

// Tells of each piece of a stream whether a record of a document began before its end.
function watch() {
	let seen = false, left = 0, head = Buffer.alloc(0);
	return (piece) => {
		for (let at = 0; at < piece.length && !seen;) {
			const taken = Math.min(left > 0 ? left : RECORD_HEAD - head.length, piece.length - at);
			if (left > 0) {
				left -= taken;
			} else {
				head = Buffer.concat([head, piece.subarray(at, at + taken)]);
				if (head.length === RECORD_HEAD) {
					left = head.readUInt16BE(3);
					seen = left >= DOCUMENT;
					head = Buffer.alloc(0);
				}
			}
			at += taken;
		}
		return seen;
	};
}

export class Line {
	// What comes to the port goes on to the port `target`.
	constructor(port, target) {
		Object.assign(this, { state: 'is back', sockets: new Set() });
		this.server = net.createServer((caller) => this.carry(caller, target)).listen(port, '127.0.0.1');
	}

	carry(caller, target) {
		if (this.state === 'is cut') {
			caller.destroy();
			return;
		}
		const called = net.connect(target, '127.0.0.1');
		for (const [one, other] of [[caller, called], [called, caller]]) {
			this.sockets.add(one);
			one.on('error', () => {}).on('close', () => { this.sockets.delete(one); other.destroy(); });
		}
		const document = watch();
		let lost = false;
		caller.on('data', (piece) => {
			if (!lost && document(piece) && this.state !== 'is back') {
				lost = true;
				setTimeout(() => caller.destroy(), UNTIL_CUT);
			}
			if (!lost || this.state !== 'loses documents')
				called.write(piece);
		});
		called.on('data', (piece) => lost || caller.write(piece));
	}

	// Whatever is open ends with a change, so that nothing goes another way than the line now has.
	become(state) {
		this.state = state;
		for (const socket of this.sockets)
			socket.destroy();
	}

	close() {
		this.become('is cut');
		this.server.close();
	}
}

// control - how the node of a directory is told what to send: one line of JSON on a socket, and one back, empty or what was wrong.
import { rmSync } from 'node:fs';
import net from 'node:net';

export function listen(path, handle) {
	rmSync(path, { force: true });
	net.createServer((socket) => {
		let text = '';
		socket.on('error', () => {}).on('data', async (chunk) => {
			text += chunk;
			if (!text.endsWith('\n')) return;
			const failed = await Promise.resolve().then(() => handle(JSON.parse(text))).then(() => '', (error) => error.message);
			socket.end(`${failed}\n`);
		});
	}).listen(path);
}
export function order(path, what) {
	return new Promise((resolve, reject) => {
		let text = '';
		net.connect(path, function begin() {
			this.write(`${JSON.stringify(what)}\n`);
		}).on('data', (chunk) => (text += chunk)).on('end', () => resolve(text.trim())).on('error', reject);
	});
}

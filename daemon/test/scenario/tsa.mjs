// tsa.mjs FOLDER: a time-stamping authority (RFC 3161) for tests, on a port of loopback that it writes to FOLDER/port.
// FOLDER has tsa.cnf for `openssl ts`. The path of a request says what the answer is:
//   /good  a time-stamp          /refuse  a refusal           /html  a page, as a portal before the network gives
//   /other of other octets       /nonce   of another request  /cut   cut in half         /long  more than anybody takes
//   /error HTTP status 500       /move    a redirect to /good /late  nothing
//   /false with one octet of its signature changed
import { createServer } from "node:http";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync, renameSync } from "node:fs";

const folder = process.argv[2];
const file = (name) => `${folder}/${name}`;
const TYPE = { "Content-Type": "application/timestamp-reply" };

function openssl(...args) {
	execFileSync("openssl", ["ts", ...args], { stdio: ["ignore", "ignore", "ignore"], cwd: folder });
}

function stamp(query) {
	writeFileSync(file("query"), query);
	openssl("-reply", "-config", file("tsa.cnf"), "-queryfile", file("query"), "-out", file("reply"));
	return readFileSync(file("reply"));
}

function query(...args) {
	openssl("-query", "-config", file("tsa.cnf"), "-sha256", "-cert", ...args, "-out", file("own-query"));
	return readFileSync(file("own-query"));
}

const changed = (octets) => (octets[octets.length - 9] ^= 1, octets);
const digest = (body) => body.subarray(0).toString("hex").match(/0420([0-9a-f]{64})/)[1];

const answers = {
	good: (body) => stamp(body),
	other: () => stamp(query("-digest", "00".repeat(32))),
	nonce: (body) => stamp(query("-digest", digest(body))),
	cut: (body) => stamp(body).subarray(0, 600),
	false: (body) => changed(stamp(body)),
	refuse: () => Buffer.from("30053003020102", "hex"),
	long: () => Buffer.alloc(1 << 20, 0x30),
};

createServer((request, response) => {
	const parts = [];
	request.on("data", (part) => parts.push(part));
	request.on("end", () => {
		const what = request.url.slice(1);
		if (what === "html") response.writeHead(200, { "Content-Type": "text/html" }).end("<html>Sign in</html>");
		else if (what === "error") response.writeHead(500, TYPE).end();
		else if (what === "move") response.writeHead(302, { Location: "/good" }).end();
		else if (what in answers) response.writeHead(200, TYPE).end(answers[what](Buffer.concat(parts)));
	});
}).listen(0, "127.0.0.1", function () {
	writeFileSync(file("port.new"), String(this.address().port));
	renameSync(file("port.new"), file("port"));
});

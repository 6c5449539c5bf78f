// lawful-fetcher - kinds of lawful.mjs that open no port, and fetch otherwise (section 42).
import { FETCHES } from './fetch.mjs';

const CASES = 'initiate PUL-0*.S.*; respond DOC-0*.R.[np][0-9]* ANS-0*.R.[np]1';
const fetching = (how) => ({ cases: CASES, fetches: true, begin: () => Object.assign(FETCHES, how) });

export const FETCHING = {
	polling: ['PUL-002', 'it asks for messages without a query, four times in a second', fetching({ wait: undefined, pause: 250 })],
	waiting: ['PUL-003', 'it waits for messages for thirty seconds', fetching({ wait: 30 })],
	hoarding: ['PUL-002', 'it asks for the next message, and names those that it has in work, before it answers', fetching({ wait: 1, isHoarding: true })],
	reconnecting: ['PUL-008', 'it has a connection for each question, on which it posts its descriptor, and one for each answer', fetching({ wait: 3, isApart: true })],
	insisting: ['PUL-006', 'it posts each answer three times', fetching({ times: 3 })],
};

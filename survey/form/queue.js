// How does a finished response get from this device to the server, whatever the network does?
//
// It is written into IndexedDB first. Then one sender at a time (of all tabs) posts what waits, oldest first, and takes
// a response out only when the server answers in JSON with that response's own id and a receipt. Anything else,
// also a friendly page with status 200 from a hotel's network, leaves it where it is.
//
// What the server answers, and what follows:
//   200, 201, 202 with own id and receipt -> delivered, taken out
//   4xx in JSON                           -> set aside: kept, counted, tried again once a day, in nobody's way
//   408, 425, 429, 5xx                    -> tried again later
//   no answer, or one that is not ours    -> tried again later; the others wait too
//
// Without IndexedDB (forbidden, full, broken) a response is held in memory and sent from there as long as the page
// is open; `check` finds out before anybody answers, so that the person can be told.

import { uuid } from './device.js';

const NAME = 'survey-queue';
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 5 * 60 * 1000;
const PATIENCE = 20 * 1000; // with one answer of the server
const LEASE = 30 * 1000; // a little longer than PATIENCE
const ASIDE_FOR = 24 * 60 * 60 * 1000;
const OPENING = 4000; // some browsers never answer when storage is forbidden
const LARGEST = 64 * 1024;

const me = uuid();

// The result of a request to the database.
const reply = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = reject;
  });

let opening;

// `waiting` holds the responses, `device` the identity of this browser's storage and the sender's lease.
function database() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      const waiting = request.result.createObjectStore('waiting', { keyPath: 'number', autoIncrement: true });
      waiting.createIndex('id', 'id', { unique: true });
      waiting.createIndex('aside', 'aside');
      request.result.createObjectStore('device');
    };
    // The browser may close the database under our feet; the next use opens it again.
    request.onsuccess = () => {
      const opened = request.result;
      opened.onclose = () => (opening = null);
      opened.onversionchange = () => opened.close(opened.onclose());
      resolve(opened);
    };
    request.onerror = reject;
    setTimeout(reject, OPENING);
  });
  opening.catch(() => (opening = null));
  return opening;
}

// Run `work(waiting, device)` in one transaction. It is over when it is on the disk, not before.
async function transact(mode, work) {
  const transaction = (await database()).transaction(['waiting', 'device'], mode, { durability: 'strict' });
  const over = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = reject;
  });
  const [found] = await Promise.all([work(transaction.objectStore('waiting'), transaction.objectStore('device')), over]);
  return found;
}

// The oldest response that `wanted` says yes to.
const oldest = (waiting, wanted) =>
  new Promise((resolve, reject) => {
    const request = waiting.openCursor();
    request.onerror = reject;
    request.onsuccess = () => {
      const cursor = request.result;
      if (cursor && !wanted(cursor.value)) cursor.continue();
      else resolve(cursor?.value);
    };
  });

// Take or renew the sender's lease for some time, or with 0 give it back: the lock of browsers and contexts that have
// no Web Locks. A lease that ends too far ahead was written by a clock that has been put right since.
const lease = (time) =>
  transact('readwrite', async (waiting, device) => {
    const { owner, until } = (await reply(device.get('lease'))) || {};
    const now = Date.now();
    if (owner !== me && until > now && until < now + 2 * LEASE) return false;
    device.put({ owner: me, until: now + time }, 'lease');
    return true;
  }).catch(() => true);

// The counts, [due, all], are noted beside the database as well, and of nothing nothing: while it does not open, nobody
// may be told that all is sent, and the sender has to go on trying.
function note(counts) {
  try {
    if (counts[1]) localStorage[NAME] = JSON.stringify(counts);
    else localStorage.removeItem(NAME);
  } catch {
    // Forbidden or full: then the database alone knows.
  }
  return counts;
}

function noted() {
  try {
    return JSON.parse(localStorage[NAME]);
  } catch {
    return [0, 0];
  }
}

// Send one response; give { receipt }, { refused } or { unreachable }. `open` reads what is sealed, once it is there.
async function post(url, { id, body, sealed, token }, open) {
  try {
    body ??= await open(sealed);
    const answer = await fetch(url, {
      method: 'POST',
      // The time goes beside the response, not into it: the same bytes go again and again, the clock moves on.
      headers: { 'Content-Type': 'application/json', 'Device-Time': new Date().toISOString(), token },
      body,
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      signal: AbortSignal.timeout?.(PATIENCE),
    });
    const { status } = answer;
    const told = await answer.json();
    if ([200, 201, 202].includes(status) && told.id === id && told.receipt) return { receipt: String(told.receipt) };
    if (status > 399 && status < 500 && ![408, 425, 429].includes(status)) return { refused: `${status} ${told.detail}` };
    return { unreachable: status === 503 || status < 500 };
  } catch {
    return { unreachable: true };
  }
}

function makeQueue(url) {
  const listeners = new Set();
  const outcomes = new Map(); // what became of the responses of this page, by id: { receipt } or { refused }
  const held = []; // what could not be written into the database
  const others = window.BroadcastChannel && new BroadcastChannel(NAME);
  const state = { waiting: 0, aside: 0, trouble: false, durable: true };
  let wait = FIRST_WAIT;
  let timer;
  let sending;

  // Count again and tell everybody who listens.
  async function tell() {
    const [due, all] = await transact('readonly', (waiting) =>
      Promise.all([reply(waiting.index('aside').count(0)), reply(waiting.count())]),
    ).then(note, noted);
    state.waiting = due + held.length;
    state.aside = all - due;
    for (const listener of listeners) listener();
  }

  async function settle(record, answer) {
    outcomes.set(record.id, answer);
    if (answer.receipt) others?.postMessage([record.id, answer]);
    if (held.includes(record)) {
      if (answer.receipt) held.splice(held.indexOf(record), 1);
      return;
    }
    // Should this fail, the response goes a second time: the server knows it already.
    await transact('readwrite', async (waiting) => {
      if (answer.receipt) return waiting.delete(record.number);
      // Another tab may have taken it out meanwhile; it must not come back.
      const present = await reply(waiting.get(record.number));
      if (present) waiting.put({ ...present, aside: Date.now(), why: answer.refused });
    }).catch(() => {});
  }

  // Send what is due, each once.
  async function run() {
    const tried = new Set();
    const due = ({ id, aside }) => !tried.has(id) && (!aside || Math.abs(Date.now() - aside) > ASIDE_FOR);
    state.trouble = false;
    while (navigator.locks || (await lease(LEASE))) {
      const record = (await transact('readonly', (waiting) => oldest(waiting, due)).catch(() => {})) || held.find(due);
      if (!record) return;
      tried.add(record.id);
      const answer = await post(url, record, queue.open);
      if (answer.receipt || answer.refused) await settle(record, answer);
      else state.trouble = true;
      if (answer.unreachable) return;
      await tell();
    }
  }

  async function sendAll() {
    await (navigator.locks ? navigator.locks.request(NAME, run) : run().then(() => lease(0))).catch(() => {});
    sending = null;
    await tell();
    if (!state.waiting) return;
    // Devices that lost the same server must not all come back at the same moment.
    timer = setTimeout(again, wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }

  function again() {
    clearTimeout(timer);
    return (sending ??= sendAll());
  }

  function send() {
    wait = FIRST_WAIT;
    return again();
  }

  addEventListener('online', send);
  document.addEventListener('visibilitychange', () => document.hidden || send());
  addEventListener('beforeunload', (event) => held.length && event.preventDefault());
  if (others) {
    others.onmessage = ({ data }) => {
      outcomes.set(...data);
      tell();
    };
  }

  // On a shared device sealing.js adds `open`, and seals what waits.
  const queue = {
    state,
    outcomes,
    send,
    held,
    transact,

    // Whether responses can be kept here: something as large as the largest response is written and removed.
    async check() {
      const probe = async (waiting, device) => {
        await reply(device.put('x'.repeat(LARGEST), 'probe'));
        device.delete('probe');
      };
      state.durable = await transact('readwrite', probe).then(() => true, () => false);
    },

    // Whether a response with this id waits here.
    has: (id) => transact('readonly', (waiting) => reply(waiting.index('id').count(id))).catch(() => 0),

    // Put a finished response into the queue. For a station, its number is taken in the same transaction: either both
    // are on the disk or neither is, so the numbers of a station have no gap.
    async add(response) {
      const record = (filled, token) => ({ id: response.id, aside: 0, body: JSON.stringify(filled), token });
      await transact('readwrite', async (waiting, device) => {
        if (await reply(waiting.index('id').count(response.id))) return;
        const { station } = response;
        const { epoch, last, token } = (await reply(device.get('identity'))) || { epoch: uuid(), last: {} };
        if (station) {
          last[station] = (last[station] || 0) + 1;
          device.put({ epoch, last, token }, 'identity');
        }
        waiting.add(record(station ? { ...response, epoch, sequence: last[station] } : response, token));
      }).then(
        () => (state.durable = true),
        () => {
          state.durable = false;
          held.push(record(response));
        },
      );
    },

    // Call `listener` after every change; gives the function that stops it.
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return queue;
}

let shared;

// One queue for all forms of a page: it goes on sending after a form has gone from the screen.
export const openQueue = (url) => (shared ??= makeQueue(url));

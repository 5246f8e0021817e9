// May this person open what is for staff only?
//
// The PIN is checked on the device, so that it is known without network too: a salted hash, made slow by many rounds,
// in plain JavaScript because plain http offers no cryptography. After two wrong attempts each costs twice the wait of
// the one before, up to five minutes, also over a reload. It keeps out whoever stands before the screen; somebody with
// the hash and a computer of their own could try all numbers.

import { result } from './sealing.js';

const FREE_TRIES = 2;
const LONGEST_WAIT = 300;

// SHA-256 (FIPS 180-4) of at most 55 bytes, one block.
const PRIMES = [];
for (let number = 2; PRIMES.length < 64; number++) if (PRIMES.every((prime) => number % prime)) PRIMES.push(number);
const fraction = (value) => ((value - Math.floor(value)) * 2 ** 32) | 0;
const START = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const ROUND = PRIMES.map((prime) => fraction(Math.cbrt(prime)));
const turned = (word, by) => (word >>> by) | (word << (32 - by));

export function sha256(bytes) {
  const block = new Uint8Array(64);
  block.set(bytes);
  block[bytes.length] = 128;
  const view = new DataView(block.buffer);
  view.setUint32(60, bytes.length * 8);
  const words = new Int32Array(64);
  for (let at = 0; at < 16; at++) words[at] = view.getInt32(at * 4);
  for (let at = 16; at < 64; at++) {
    const early = words[at - 15];
    const late = words[at - 2];
    const first = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3);
    const second = turned(late, 17) ^ turned(late, 19) ^ (late >>> 10);
    words[at] = words[at - 16] + first + words[at - 7] + second;
  }
  let [a, b, c, d, e, f, g, h] = START;
  for (let at = 0; at < 64; at++) {
    const one = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + ROUND[at] + words[at]) | 0;
    const two = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  const hash = new DataView(new ArrayBuffer(32));
  [a, b, c, d, e, f, g, h].forEach((word, at) => hash.setInt32(at * 4, word + START[at]));
  return new Uint8Array(hash.buffer);
}

// As survey/store/secrets.py makes it: the hash of salt and code, hashed again and again.
function hashOf(code, { salt, rounds }) {
  let hash = sha256(new TextEncoder().encode(salt + code));
  for (let round = 1; round < rounds; round++) hash = sha256(hash);
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

let remembered = { count: 0, at: 0 }; // where no storage is

const read = (queue) =>
  queue.transact('readonly', (_, device) => result(device.get('tries'))).then((found) => found || { count: 0, at: 0 }, () => remembered);

function write(queue, tries) {
  remembered = tries;
  return queue.transact('readwrite', (_, device) => device.put(tries, 'tries')).catch(() => {});
}

// How many seconds the next attempt has to wait. A clock that was put back must not lock the staff out.
function waitFor({ count, at }) {
  const wait = count < FREE_TRIES ? 0 : Math.min(LONGEST_WAIT, 2 ** (count - FREE_TRIES + 1));
  const past = (Date.now() - at) / 1000;
  return past < 0 ? wait && 1 : Math.max(0, Math.ceil(wait - past));
}

// Try a code. Gives { right } or { seconds }, the wait before the next attempt. The attempt is counted before it is
// judged, so that leaving the page does not save it.
export async function tryCode(queue, code, pin) {
  const tries = await read(queue);
  const seconds = waitFor(tries);
  if (seconds) return { seconds };
  const counted = { count: tries.count + 1, at: Date.now() };
  await write(queue, counted);
  if (pin && hashOf(code, pin) === pin.hash) {
    await write(queue, { count: 0, at: 0 });
    return { right: true };
  }
  return { seconds: waitFor(counted) };
}

// Ask for the code in a dialog with keys of its own (a kiosk has no keyboard). Gives whether it was right.
export function askCode({ make, sentence, queue, pin, show }) {
  return new Promise((resolve) => {
    const told = make('p', { class: 'note alert', role: 'alert', id: 'code-told' });
    const field = make('input', {
      class: 'field code-field', inputmode: 'none', autocomplete: 'off', maxlength: 12, autofocus: 1,
      'aria-labelledby': 'code-title', 'aria-describedby': 'code-hint code-told',
    });
    const type = (key) => () => (field.value = key === '⌫' ? field.value.slice(0, -1) : field.value + key);
    const key = (sign) =>
      make('button', { type: 'button', class: 'button', click: type(sign), 'aria-label': sign === '⌫' && sentence('operator.erase') }, sign);

    async function enter(event) {
      event.preventDefault();
      const { right, seconds } = await tryCode(queue, field.value.trim(), pin());
      field.value = '';
      if (right) return dialog.close('right');
      told.textContent = seconds ? sentence('operator.code_wait', { seconds }) : sentence('operator.code_wrong');
      field.focus();
    }

    const dialog = show('code', { 'aria-labelledby': 'code-title', 'aria-describedby': 'code-hint' },
      make('form', { submit: enter, autocomplete: 'off' },
        make('h2', { id: 'code-title' }, sentence('operator.code')),
        make('p', { id: 'code-hint' }, sentence('operator.code_hint')),
        field, told,
        make('div', { class: 'keypad' }, ['1', '2', '3', '4', '5', '6', '7', '8', '9', '⌫', '0'].map(key)),
        make('div', { class: 'buttons' },
          make('button', { type: 'button', class: 'button', click: () => dialog.close() }, sentence('operator.cancel')),
          make('button', { type: 'submit', class: 'button main' }, sentence('operator.enter')))));
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'right'));
  });
}

// How does this device become a station? Somebody types a code; the token that comes for it is kept beside the identity
// of this browser's storage, so that both live and go together, and what waits here already goes with it too.

import { uuid } from './device.js';
import { openQueue } from './queue.js';

const form = document.forms[0];
const told = document.getElementById('told');
const queue = openQueue('/api/responses');

const got = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = reject;
  });

async function keep(token) {
  await queue.transact('readwrite', async (waiting, device) => {
    const identity = (await got(device.get('identity'))) || { epoch: uuid(), last: {} };
    device.put({ ...identity, token }, 'identity');
    for (const record of await got(waiting.getAll())) waiting.put({ ...record, token });
  });
}

async function register() {
  await queue.check();
  if (!queue.state.durable) return form.dataset.storage;
  const answer = await fetch('/api/stations/register', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ code: form.elements.code.value, survey: new URLSearchParams(location.search).get('survey') || null, language: document.documentElement.lang }),
    credentials: 'omit',
    redirect: 'error',
  });
  const { detail, token, address } = await answer.json();
  if (!token) return detail;
  await keep(token);
  location.replace(address);
  return '';
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  told.textContent = await register().catch(() => form.dataset.failed);
});

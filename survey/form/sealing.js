// How is what waits on a shared device kept from the next person at its screen?
//
// A response is written plainly first: an answer must never be lost to a key. Right after that it is sealed with a key
// that lies in the same database and cannot be exported, so that the two can only be lost together. Scripts of this
// origin can open it (they send it), the browser's own view of the database cannot show it. Whoever takes the whole
// device has both: against that only an encrypted disk helps. On plain http browsers offer no cryptography; there
// everything stays as it was written.

const KIND = 'AES-GCM';

// The result of a request to the database.
export const result = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = reject;
  });

// The key of this storage, { name, key }, made when there is none. Two tabs at the same moment get the same.
async function keyOf(queue) {
  const made = { name: Date.now() + Math.random(), key: await crypto.subtle.generateKey({ name: KIND, length: 256 }, false, ['encrypt', 'decrypt']) };
  await queue.transact('readwrite', async (_, device) => {
    if (!(await result(device.get('key')))) device.put(made, 'key');
  });
  return kept(queue);
}

const kept = (queue) => queue.transact('readonly', (_, device) => result(device.get('key')));

async function unsealed(key, { iv, bytes }) {
  return new TextDecoder().decode(await crypto.subtle.decrypt({ name: KIND, iv }, key, bytes));
}

// The text sealed, and opened again before anybody relies on it.
async function sealed({ name, key }, text) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const bytes = await crypto.subtle.encrypt({ name: KIND, iv }, key, new TextEncoder().encode(text));
  if ((await unsealed(key, { iv, bytes })) !== text) throw new Error('it does not open');
  return { key: name, iv, bytes };
}

// Seal what lies open in the queue now, and from now on whatever is put into it. Gives whether this device can.
export async function sealWhatWaits(queue) {
  if (queue.open) return queue.seals;
  const known = new Map();

  async function present() {
    const found = (await kept(queue)) || (await keyOf(queue));
    known.set(found.name, found.key);
    return found;
  }

  // What cannot be opened goes as it is: the server says that it is no response, and it is set aside, never dropped.
  queue.open = async (found) => {
    if (!found) return '';
    if (!known.has(found.key)) await present();
    return unsealed(known.get(found.key), found).catch(() => '');
  };

  async function sealAll() {
    const waiting = await queue.transact('readonly', (store) => result(store.getAll()));
    for (const { number, body } of waiting) {
      if (!body) continue;
      const found = await present();
      const closed = await sealed(found, body);
      await queue.transact('readwrite', async (store, device) => {
        // Only with the key that lies beside it: the browser may have emptied the database meanwhile. And the response
        // may have been delivered or set aside.
        const beside = await result(device.get('key'));
        const { body: still, ...record } = (await result(store.get(number))) || {};
        if (beside?.name === found.name && still === body) store.put({ ...record, sealed: closed });
      });
    }
  }

  const add = queue.add;
  queue.add = async (response) => {
    await add(response);
    // Whatever happens here, the response is in the queue.
    await sealAll().catch(() => {});
  };
  queue.seals = await present().then(() => true, () => false);
  await sealAll().catch(() => {});
  return queue.seals;
}

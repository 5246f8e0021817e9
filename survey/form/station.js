// What does a shared device do beside asking? Fetched when its page can be used already; nothing here is needed to answer.
//
// It looks whether the page has changed, as nobody ever reloads it; seals what waits; tells the server how far it has
// counted; asks the browser to keep its storage; and has a door for the staff.

import { invite } from './invitation.js';
import { operatorsDoor } from './operator.js';
import { result, sealWhatWaits } from './sealing.js';

const LOOKS_AGAIN = 5 * 60 * 1000;
const TELLS_EACH = 10 * 60 * 1000;
const HERE = new URL('.', import.meta.url);

// Styles of what came later, for the page or for the shadow root that the form stands in. Gives what takes them off.
async function wear(root, name) {
  const answer = await fetch(new URL(name, HERE));
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(await answer.text());
  const place = root.getRootNode();
  place.adoptedStyleSheets = [...place.adoptedStyleSheets, sheet];
  return () => (place.adoptedStyleSheets = place.adoptedStyleSheets.filter((other) => other !== sheet));
}

// Ask the service worker to keep what was fetched before it was there, so that the page starts whole without network.
async function keep() {
  const { active } = (await navigator.serviceWorker?.ready) || {};
  for (const { name } of performance.getEntriesByType('resource')) {
    if (new URL(name).pathname.startsWith('/form/')) active?.postMessage(name);
  }
}

// Begin. `f` is what the screens may see and do, `make` makes elements. Gives the function that ends it.
export function start(f, make) {
  const { queue, definition } = f;
  const foot = f.find('.foot');
  if (!foot.isConnected) return () => {};
  const undo = [];
  let tag, contact, ahead, sealed;
  let staff; // words and PIN

  // Load the page anew when it is another one now (a new form, another questionnaire, a survey that closed).
  async function lookAgain() {
    const answer = await fetch(location.href, { method: 'HEAD', cache: 'no-store' }).catch(() => null);
    const found = answer?.ok && answer.headers.get('X-Survey-Form') && answer.headers.get('ETag');
    if (found) contact = Date.now();
    if (found && tag && found !== tag && f.untouched()) location.reload();
    tag = found || tag;
  }

  const identity = () => queue.transact('readonly', (_, device) => result(device.get('identity'))).then((found) => found || {}, () => ({}));

  // The identity of this browser's storage, made when nobody has answered here yet: a station tells of itself before.
  // Every browser names a blob by a random UUID, also where plain http has no function for one.
  const known = () =>
    queue.transact('readwrite', async (_, device) => {
      const found = (await result(device.get('identity'))) || { epoch: URL.createObjectURL(new Blob()).slice(-36), last: {} };
      device.put(found, 'identity');
      return found;
    });

  // --- how far this station has counted: told every ten minutes, so that its silence is seen, and after answers went

  let delivered = new Map(queue.outcomes);
  let toldAt = -TELLS_EACH;
  let telling;

  async function tellServer() {
    const { epoch, last, token } = await known();
    const { waiting, aside } = queue.state;
    const said = { survey: definition.survey.name, station: definition.station.name, epoch, sequence: last[definition.station.name] ?? 0, waiting, aside, form: definition.form };
    const before = Date.now();
    const answer = await fetch('/api/stations/heartbeat', {
      method: 'POST', headers: { 'Content-Type': 'application/json', token }, body: JSON.stringify(said), credentials: 'omit', redirect: 'error',
    });
    const { status, now } = await answer.json();
    if (status !== 'heard') return;
    contact = Date.now();
    ahead = Math.round((before + contact) / 2 - Date.parse(now)) / 1000;
  }

  function tellOfAnswers() {
    telling = null;
    toldAt = performance.now();
    tellServer().catch(() => {});
  }

  undo.push(queue.listen(() => {
    const fresh = [...queue.outcomes.keys()].some((id) => !delivered.has(id));
    delivered = new Map(queue.outcomes);
    if (!fresh) return;
    contact = Date.now();
    if (definition.station && !telling) telling = setTimeout(tellOfAnswers, Math.max(0, toldAt + TELLS_EACH - performance.now()));
  }));
  undo.push(() => clearTimeout(telling));
  if (definition.station) {
    const steady = setInterval(() => tellServer().catch(() => {}), TELLS_EACH);
    undo.push(() => clearInterval(steady));
    tellServer().catch(() => {});
  }

  // --- the door for the staff

  async function refresh() {
    const patience = new Promise((resolve) => setTimeout(resolve, 1500));
    const asked = fetch(`/form/operator?station=${definition.station?.name ?? ''}`, { cache: 'no-cache' }).then((answer) => answer.ok && answer.json()).catch(() => null);
    staff = (await Promise.race([asked, patience])) || staff;
  }

  // To the staff's screens, and out of a full screen that the page itself has asked for.
  function leave() {
    f.restart();
    if (document.fullscreenElement) document.exitFullscreen();
    location.assign('/results');
  }

  async function openDoor() {
    wear(foot, 'operator.css').then((off) => undo.push(off)).catch(() => {});
    await refresh();
    const about = { identity, contact: () => contact, get ahead() { return ahead; }, sealed: () => sealed };
    const door = { words: () => staff?.words, pin: () => staff?.pin, refresh, about, more: [{ key: 'operator.register', act: () => location.assign('/station') }, { key: 'operator.leave', act: leave }] };
    if (foot.isConnected) undo.push(operatorsDoor(f, make, door));
    await keep();
  }

  const looking = setInterval(() => f.untouched() && lookAgain(), LOOKS_AGAIN);
  undo.push(() => clearInterval(looking));
  lookAgain();
  navigator.storage?.persist?.().catch(() => {});
  sealWhatWaits(queue).then((can) => {
    sealed = can;
    queue.send();
  });
  openDoor().catch(() => {});
  if (definition.station) {
    wear(foot, 'invitation.css')
      .then(() => foot.isConnected && undo.push(invite(f, make)))
      .then(keep)
      .catch(() => {});
  }
  return () => undo.forEach((act) => act());
}

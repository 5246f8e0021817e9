// How does the light page start without any network?
//
// A page carries everything it needs in its first language, so keeping it and its definition in the other languages is
// enough. It is fetched anew each time, so that what is new is
// seen at once; when no answer of ours comes within 2.5 seconds, the page that was kept is shown. An answer is ours only
// with the form's own header: a hotel's network also answers 200. The same holds for what a shared device fetches later.

const PAGES = 'survey-pages';
const OWN = 'X-Survey-Form';
const PATIENCE = 2500;

// One copy for each page that differs: by survey, station, and what a poster names. Other decorations do not count.
function keyOf(address) {
  const url = new URL(address);
  const told = new URLSearchParams();
  for (const name of ['station', 'unit', 'service']) if (url.searchParams.get(name)) told.set(name, url.searchParams.get(name));
  return url.origin + url.pathname + (`${told}` && `?${told}`);
}

const ours = (answer) => Boolean(answer) && answer.headers.has(OWN);

// The page that was kept, if any. A storage that fails is like an empty one.
const kept = (address) =>
  caches.open(PAGES).then((pages) => pages.match(keyOf(address))).catch(() => undefined);

// A storage that is full or forbidden must not take away the page that the network gave.
async function keep(address, answer) {
  if (!ours(answer) || !answer.ok || answer.redirected) return;
  await caches.open(PAGES).then((pages) => pages.put(keyOf(address), answer)).catch(() => {});
}

async function page(event) {
  const { url } = event.request;
  const fetched = fetch(event.request).then((answer) => {
    event.waitUntil(keep(url, answer.clone())); // nobody waits for it
    return answer;
  });
  const lost = fetched.catch(() => null);
  event.waitUntil(lost);
  const early = await kept(url);
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  const answer = await (early ? Promise.race([lost, patience]) : lost);
  if (ours(answer)) return answer;
  // Without an answer, look again: it may have been kept meanwhile.
  return early ?? answer ?? (await kept(url)) ?? fetched;
}

addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));

// What was loaded before we were there asks to be kept.
addEventListener('message', (event) => {
  const address = event.data;
  event.waitUntil(fetch(address).then((answer) => keep(address, answer)).catch(() => {}));
});

addEventListener('fetch', (event) => {
  const { mode, url } = event.request;
  if (mode === 'navigate' || /^\/form\/|\/definition$/.test(new URL(url).pathname)) event.respondWith(page(event));
});

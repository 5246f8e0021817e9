// The light page: put the form on it, and keep it for days without network.

import { mountSurvey } from './form.js';

const definition = JSON.parse(document.getElementById('definition').textContent);
const form = mountSurvey(document.getElementById('survey'), {
  definition,
  api: '/api/responses',
  onLanguage: (language, title) => Object.assign(document, { title }).documentElement.lang = language,
});
performance.mark('usable');

// The other languages come when one can answer already. A definition that has changed since is not taken: the next visit
// brings page and languages that belong together.
const { origin, pathname, search, href } = location;
const whole = `${origin + pathname}/definition${search}`;
function learn() {
  fetch(whole)
    .then((answer) => answer.headers.get('ETag') === `"${definition.whole}"` && answer.json().then(form.learn))
    .catch(() => addEventListener('online', learn, { once: true }));
}
if (definition.whole) learn();

// The service worker comes last: a first visitor on a slow line is already answering. Plain http has none.
addEventListener('load', () => {
  navigator.serviceWorker?.register('/s/sw.js')
    .then(() => navigator.serviceWorker.ready)
    .then(({ active }) => [href, whole].forEach((address) => active.postMessage(address)))
    .catch(() => {});
});

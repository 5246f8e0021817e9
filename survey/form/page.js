// The light page: put the form on it, and keep it for days without network.

import { mountSurvey } from './form.js';

mountSurvey(document.getElementById('survey'), {
  definition: JSON.parse(document.getElementById('definition').textContent),
  api: '/api/responses',
  onLanguage: (language, title) => Object.assign(document, { title }).documentElement.lang = language,
});
performance.mark('usable');

// The service worker comes last: a first visitor on a slow line is already answering. Plain http has none.
addEventListener('load', () => {
  navigator.serviceWorker?.register('/s/sw.js')
    .then(() => navigator.serviceWorker.ready)
    .then(({ active }) => active.postMessage(location.href))
    .catch(() => {});
});

// What does a person's own phone remember? It travels only to phones: a shared device remembers nothing.
//
// The draft of the answers and the chosen language, so that a reload goes on where it stopped. Storage may be forbidden
// or full: then nothing is remembered, and nothing breaks.

import { parts } from './screens.js';

const DRAFT_LIVES = 24 * 60 * 60 * 1000;
const SETTINGS = 'survey-settings';

parts.memory = ({ survey, service, questionnaire }) => {
  const key = `survey-draft:${survey.name}`;
  // What the draft must be about to go on with it: the same questions, and the same poster.
  const digest = questionnaire.digest + service;
  const attempt = (act) => {
    try {
      return act(localStorage);
    } catch {
      return null;
    }
  };
  // Without network an answer may wait here for days. Only then, because some browsers ask the person.
  addEventListener('offline', () => navigator.storage?.persist?.(), { once: true });
  return {
    // The draft, unless it is older than a day or about something else.
    read: () =>
      attempt((storage) => {
        const kept = JSON.parse(storage[key]);
        return kept.digest === digest && Math.abs(Date.now() - kept.saved) < DRAFT_LIVES && kept.draft;
      }),
    keep: (draft) => attempt((storage) => (storage[key] = JSON.stringify({ digest, saved: Date.now(), draft }))),
    forget: () => attempt((storage) => storage.removeItem(key)),
    settings: () => attempt((storage) => JSON.parse(storage[SETTINGS])),
    keepSettings: (settings) => attempt((storage) => (storage[SETTINGS] = JSON.stringify(settings))),
  };
};

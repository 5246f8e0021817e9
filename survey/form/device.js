// What can this device do, and what may it remember?
//
// A kiosk remembers nothing between two people. A person's own phone keeps the draft of the answers and the chosen
// language, so that a reload goes on where it stopped. Storage may be forbidden or full: then nothing is remembered,
// and nothing breaks.

const DRAFT_LIVES = 24 * 60 * 60 * 1000;

// A random version 4 UUID. crypto.randomUUID does not exist on plain http, getRandomValues does.
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

// What this device remembers of one survey: `draft` and `settings`, until `forget`. On a kiosk (`own` is false) it
// keeps nothing, so that no other part of the form has to think about it.
export function memory({ survey, questionnaire }, own) {
  const key = `survey-draft:${survey.name}`;
  const attempt = (act) => {
    try {
      return own ? act(localStorage) : null;
    } catch {
      return null;
    }
  };
  return {
    // The draft, unless it is older than a day or belongs to other questions.
    read: () =>
      attempt((storage) => {
        const { digest, saved, draft } = JSON.parse(storage[key]);
        return digest === questionnaire.digest && Math.abs(Date.now() - saved) < DRAFT_LIVES ? draft : null;
      }),
    keep: (draft) => attempt((storage) => (storage[key] = JSON.stringify({ digest: questionnaire.digest, saved: Date.now(), draft }))),
    forget: () => attempt((storage) => storage.removeItem(key)),
    settings: () => attempt((storage) => JSON.parse(storage['survey-settings'])),
    keepSettings: (settings) => attempt((storage) => (storage['survey-settings'] = JSON.stringify(settings))),
  };
}

// The voice of this device for a language, or undefined. Old Android says "in" for Indonesian.
export function voiceOf(language) {
  return window.speechSynthesis?.getVoices().find(({ lang }) => lang.startsWith(language) || (language === 'id' && lang.startsWith('in')));
}

// Say the words aloud; without words, be silent.
export function speak(words, language) {
  window.speechSynthesis?.cancel();
  if (!words) return;
  const said = new SpeechSynthesisUtterance(words);
  said.voice = voiceOf(language);
  said.lang = said.voice.lang;
  speechSynthesis.speak(said);
}

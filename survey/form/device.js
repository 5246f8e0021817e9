// What does this device offer beyond a screen: random numbers and perhaps a voice?

// A random version 4 UUID. crypto.randomUUID does not exist on plain http, getRandomValues does.
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
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

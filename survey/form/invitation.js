// How does a screen in the hall invite, while nobody uses it? And what helps there: staying awake, and perhaps a sound.
//
// The invitation takes the place of the first screen until somebody touches it anywhere: who asks, what is asked, and
// what was done about earlier answers, in every language at once, since nobody has chosen one yet. Nothing moves. It comes
// back for each new person. The foot stays, with its news and the staff's door.

const ASKS_AGAIN = 5 * 60 * 1000;

// Begin to invite. Gives the function that ends it.
export function invite(f, make) {
  const { agency, languages, survey } = f.definition;
  const page = f.find('.page');
  const root = page.parentElement;
  const undo = [];
  let told, asked, shown;
  let person = f.draft.id;

  // What is told here may change while the page stays open for weeks.
  async function learn() {
    if (performance.now() - asked < ASKS_AGAIN) return;
    const answer = await fetch(`/form/invitation/${encodeURIComponent(survey.name)}`, { cache: 'no-cache' });
    if (!answer.ok) return;
    told = await answer.json();
    asked = performance.now();
  }

  const ourTurn = () => told && !shown && root.isConnected && f.untouched() && root.dataset.screen === 'notice';

  async function show() {
    const learning = learn().catch(() => {});
    if (!told) await learning;
    if (!ourTurn()) return;
    const [first, ...others] = languages;
    const said = (part, attributes) => languages.map((language) => told[language][part] && make('p', { lang: language, ...attributes }, told[language][part]));
    const heading = make('p', { class: 'invite-ask', role: 'heading', 'aria-level': 1, tabindex: -1, lang: first }, told[first].ask);
    shown = make('div', { class: 'invite', click: begin },
      make('p', { class: 'invite-agency', lang: first }, agency[0]),
      make('div', { class: 'invite-words' },
        heading,
        others.map((language) => make('p', { class: 'invite-also', lang: language }, told[language].ask))),
      told[first].text && make('div', { class: 'invite-news' }, languages.map((language) =>
        make('p', { lang: language }, make('b', {}, told[language].improved), ' ', told[language].text))),
      make('button', { type: 'button', class: 'button main', 'data-key': 'invite' }, said('begin')));
    root.dataset.invites = '';
    page.before(shown);
    heading.focus({ preventScroll: true });
  }

  function begin() {
    hide();
    f.find('h1').focus({ preventScroll: true });
  }

  function hide() {
    shown?.remove();
    shown = null;
    delete root.dataset.invites;
  }

  // --- each new person finds the invitation

  const watching = new MutationObserver(() => {
    if (root.dataset.screen === 'thanks' && person) thank();
    if (f.draft.id === person) return;
    person = f.draft.id;
    show();
  });
  watching.observe(root, { attributeFilter: ['data-screen'] });
  undo.push(() => watching.disconnect(), hide);

  // --- the screen stays on where the browser can see to it (https and localhost); the start scripts do the same

  const stayAwake = () => !document.hidden && navigator.wakeLock?.request('screen').catch(() => {});
  document.addEventListener('visibilitychange', stayAwake);
  undo.push(() => document.removeEventListener('visibilitychange', stayAwake));
  stayAwake();

  // --- a soft sound, only where the address of the page asks for it (?sound=1)

  const sounds = new URLSearchParams(location.search).get('sound') === '1' && window.AudioContext;
  let audio, thanked;

  function tone(pitch, starts, lasts, loud) {
    audio ??= new AudioContext();
    const from = audio.currentTime + starts;
    const volume = audio.createGain();
    const voice = audio.createOscillator();
    voice.frequency.value = pitch;
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(loud, from + 0.01);
    volume.gain.exponentialRampToValueAtTime(0.0001, from + lasts);
    voice.connect(volume).connect(audio.destination);
    voice.start(from);
    voice.stop(from + lasts);
  }

  const click = () => tone(880, 0, 0.05, 0.04);

  function thank() {
    if (!sounds || thanked === f.draft.id) return;
    thanked = f.draft.id;
    tone(523.25, 0, 0.5, 0.08);
    tone(783.99, 0.15, 0.7, 0.08);
  }

  if (sounds) {
    root.addEventListener('change', click);
    undo.push(() => root.removeEventListener('change', click), () => audio?.close());
  }

  show();
  return () => undo.forEach((act) => act());
}

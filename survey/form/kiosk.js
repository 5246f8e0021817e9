// What does a shared device do that a person's own does not? It travels only to kiosks and tablets.
//
// It asks "still there?" when nobody touches the screen, then wipes; it wipes when the screen is left; it returns from the
// thank-you to the start. Everything else of a shared device is in station.js and comes after the page can be used.

import { make, parts } from './screens.js';

const LAST_CALL = 20; // seconds between the question and the wipe
const THANKS_FOR = 15; // seconds from the thank-you to the start
const TRIES_AGAIN = 60 * 1000;

parts.kiosk = (f) => {
  let idle, ticking, leave;

  function stop() {
    clearTimeout(idle);
    clearInterval(ticking);
  }

  function countDown(seconds, words, where) {
    const end = Date.now() + seconds * 1000;
    const tick = () => {
      const left = Math.ceil((end - Date.now()) / 1000);
      if (left > 0) f.find(where).textContent = f.say(words, { seconds: left });
      else f.restart();
    };
    stop();
    ticking = setInterval(tick, 1000);
    tick();
  }

  function alive() {
    if (f.find('dialog[open], .thanks')) return;
    stop();
    idle = setTimeout(gone, f.definition.idle_seconds * 1000);
  }

  // On the first screen there is nothing to lose: another language or size goes back, unasked.
  function gone() {
    if (f.untouched()) return f.restart();
    f.ask('kiosk.idle');
    countDown(LAST_CALL, 'kiosk.idle_text', '#why');
  }

  // What nobody needs in order to answer: it comes when the page can be used already, and is tried again without network.
  const load = () =>
    import(`/form/${f.definition.form}/station.js`).then(
      ({ start }) => (leave = start(f, make)),
      () => setTimeout(load, TRIES_AGAIN),
    );

  for (const sign of ['pointerdown', 'keydown', 'wheel']) f.around(window, sign, alive);
  // Also before the browser puts the page aside for the back button.
  f.around(window, 'pagehide', f.restart);
  setTimeout(load, 500);

  return {
    stop,
    alive,
    thanks: () => countDown(THANKS_FOR, 'kiosk.countdown', '.countdown'),
    end: () => stop(leave?.()),
  };
};

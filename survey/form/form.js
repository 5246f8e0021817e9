// How does a person go through the survey, from the notice to the thank-you?
//
// `mountSurvey(host, { definition, api })` puts the form into `host` and gives { update, destroy, untouched }. Both doors
// call it: the light page and the Streamlit screen (there inside a shadow root). The form keeps one draft, the state of
// one person's answers, and draws one screen of it at a time.

import { speak, uuid, voiceOf } from './device.js';
import { openQueue } from './queue.js';
import { make, parts, screens } from './screens.js';

const MOVES_ON_AFTER = 450; // a touched answer is seen for this long before the screen changes
const ANSWERS_WITHIN = 8000; // after this long the thank-you does not wait for the server any more

// The screens in their order. Their keys are stable: a draft names the one it stopped at.
function stepsOf({ survey, services, profile, blocks, points, comment, ticket }) {
  if (!survey.open) return [{ kind: 'closed' }];
  const steps = [{ kind: 'notice' }];
  if (ticket && !parts.ticket) steps.push({ kind: 'ticket' });
  if (services[1]) steps.push({ kind: 'service' });
  profile.forEach((asked, index) => steps.push({ kind: 'profile', key: asked.name, asked, number: index + 1, total: profile.length }));
  const total = blocks.flatMap((block) => block.columns).length;
  let number = 0;
  for (const block of blocks) {
    steps.push({ kind: 'intro', key: block.aspect, block });
    for (const column of block.columns) steps.push({ kind: 'item', key: column.name, block, column, number: ++number, total });
  }
  if (points) steps.push({ kind: 'points' });
  return [...steps, { kind: comment ? 'comment' : 'send' }, { kind: 'thanks' }].map((step) => ({ key: step.kind, ...step }));
}

export function mountSurvey(host, config) {
  const queue = openQueue(config.api);
  const kiosk = config.definition.profile_kind === 'kiosk';
  const memory = kiosk ? null : parts.memory(config.definition);
  let steps = stepsOf(config.definition);
  const undo = []; // what is to be done when the form goes
  let draft, view, clocks;
  let error; // the key of the words that say what is missing on this screen
  let resumed, sending;
  let since; // when the present item came to the screen
  let moving; // timer of the touched answer

  // --- the frame: what stays on the page while screens come and go

  const page = make('div', { class: 'page' });
  const news = make('p', { class: 'news', role: 'status' });
  const over = make('button', { type: 'button', class: 'over', click: () => ask('over') });
  const place = make('span');
  const dialog = make('dialog', { 'aria-labelledby': 'ask', 'aria-describedby': 'why', close: () => clocks?.alive() });
  const root = make('div', { class: 'survey' }, page, make('div', { class: 'foot' }, news, over, place), make('div', { class: 'band' }), dialog);
  host.replaceChildren(root);

  // What the screens may see and do.
  const f = {
    kiosk,
    queue,
    definition: config.definition,
    find: (selector) => root.querySelector(selector),
    around(target, sign, act) {
      target.addEventListener(sign, act, { passive: true });
      undo.push(() => target.removeEventListener(sign, act));
    },
    ask, changed, restart, touched,
    untouched: () => !draft.started,
    text: (words) => words[f.definition.languages.indexOf(view.language)] ?? words[0],
    say: (key, params = {}) => text(f.definition.words[key]).replace(/{(\w+)}/g, (whole, name) => params[name]),
    get draft() { return draft; },
  };
  const { find, say, text, untouched } = f;

  const index = () => Math.max(0, steps.findIndex(({ key }) => key === draft.step));
  const here = () => steps[index()];
  const button = (key, words, click, attributes) => make('button', { type: 'button', class: 'button', 'data-key': key, click, ...attributes }, words);

  // --- drawing

  // Draw the present screen. A new one takes the focus to its heading; one that is only drawn anew leaves it where it was.
  function draw(isNew) {
    const step = here();
    const focused = root.getRootNode().activeElement?.dataset.key;
    const screen = screens[step.kind](f, step);
    root.lang = view.language;
    Object.assign(root.dataset, { screen: step.kind, size: view.size, contrast: view.contrast });
    page.replaceChildren(top(), main(step, screen));
    drawFoot();
    if (isNew) {
      find('h1').focus({ preventScroll: true });
      root.scrollIntoView();
    } else if (focused) {
      // On a narrow screen the button of the present language is hidden; then the other one takes the focus.
      const same = find(`[data-key="${focused}"]`);
      (same?.offsetParent ? same : find('[lang][aria-pressed=false]'))?.focus();
    }
    config.onLanguage?.(view.language, text(f.definition.survey.title));
  }

  function top() {
    const { survey, agency, languages, words } = f.definition;
    const tool = (key, click, parts, attributes) => button(key, parts, click, { class: 'tool', ...attributes });
    const beside = (sign, said) => [sign, make('span', { class: 'long' }, ' ', said)];
    const high = view.contrast === 'high';
    return make('div', { class: 'top' },
      make('p', { class: 'agency' }, make('b', {}, text(agency)), ' ', make('span', {}, survey.test ? say('test.badge') : text(survey.title))),
      make('div', { class: 'tools' },
        languages[1] && languages.map((code, at) =>
          tool(code, () => set({ language: code }), words.language[at], { lang: code, 'aria-pressed': String(code === view.language) })),
        tool('size', () => set({ size: (view.size + 1) % 3 }), beside(view.size < 2 ? 'A+' : 'A', say('size'))),
        tool('contrast', () => set({ contrast: high ? '' : 'high' }), beside('◐', say('contrast')), { 'aria-pressed': String(high) }),
        voiceOf(view.language) && tool('aloud', readAloud, beside('🔊', say('aloud')))));
  }

  function main(step, { title, hint, lead, picture, body, asks, next: words = say('next') }) {
    const parts = [
      hint && make('p', { class: 'hint', id: 'hint' }, hint),
      lead && make('p', { class: 'lead' }, lead),
      make('p', { class: 'note alert', id: 'alert', role: 'alert' }, error && say(error, f.definition.points || {})),
      body,
    ];
    const heading = make('h1', { tabindex: -1, id: 'heading', 'data-key': 'heading' }, title);
    return make('form', { class: `screen ${step.kind}`, autocomplete: 'off', change: changed, submit: (event) => next(event.preventDefault()) },
      resumed && make('p', { class: 'note' }, say('phone.resumed')),
      step.total && progress(step),
      picture,
      asks ? make('fieldset', { 'aria-describedby': 'hint alert' }, make('legend', {}, heading), parts) : [heading, parts],
      make('div', { class: 'buttons' },
        steps.indexOf(step) > 0 && step.kind !== 'thanks' && button('back', say('back'), back),
        error && asks && button('skip', say('skip'), skip),
        words && button('next', sending ? say('sending') : words, 0, { type: 'submit', class: 'button main' })));
  }

  function progress({ block, number, total }) {
    const part = (_, at) => make('i', { class: at + 1 < number ? 'past' : at < number && 'now' });
    return make('p', { class: 'progress' },
      block ? text(block.title) : say('profile.about_you'), ' · ', say('progress', { number, total }),
      make('span', { class: 'bar', 'aria-hidden': 'true' }, Array.from({ length: total }, part)));
  }

  // The line at the foot: trouble first, then what waits, then the promise.
  function drawFoot() {
    const { waiting: count, trouble: failed, durable } = queue.state;
    const offline = failed || !navigator.onLine;
    const { kind } = here();
    const trouble = !durable ? 'not_durable' : offline && kind !== 'thanks' && 'offline';
    const line = `${trouble ? say(trouble) : ''} ${count ? say('waiting', { count }) : ''}`.trim() || (kind === 'item' ? say('anonymous_more') : '');
    // Said aloud when it changes, and only then.
    if (news.textContent !== line) news.textContent = line;
    news.classList.toggle('trouble', Boolean(trouble));
    place.textContent = f.definition.unknown_station ? say('station.unknown') : f.definition.station?.label ?? '';
    over.textContent = say('over');
    over.hidden = untouched() || kind === 'thanks';
  }

  function readAloud() {
    const parts = root.querySelectorAll('h1, .hint, .lead, .words, .code');
    speak(Array.from(parts, (part) => part.textContent).join('. '), view.language);
  }

  // Another language, size or contrast: at any moment, and every answer stays.
  function set(changes) {
    Object.assign(view, changes);
    memory?.keepSettings(view);
    draw();
  }

  // --- going on and back

  // Called after every answer: keep the draft, and take back a complaint.
  function changed() {
    memory?.keep(draft);
    if (error && here().kind === 'item') {
      error = null;
      find('#alert').textContent = '';
      find('[data-key=skip]').remove();
    }
  }

  function show(step) {
    clearTimeout(moving);
    speak();
    stopWatch();
    error = resumed = null;
    draft.step = step.key;
    startWatch();
    if (step.kind !== 'thanks') memory?.keep(draft);
    draw(true);
  }

  // How long an item is on the screen, in tenths of seconds; the time in a pocket does not count.
  function startWatch() {
    since = here().kind === 'item' && performance.now();
  }

  function stopWatch() {
    const { key } = here();
    if (since) draft.timings[key] = Math.min(65535, (draft.timings[key] || 0) + Math.ceil((performance.now() - since) / 100));
    since = 0;
  }

  // A finger on an answer moves on by itself, as the notice said.
  function touched() {
    clearTimeout(moving);
    moving = setTimeout(next, MOVES_ON_AFTER);
  }

  function next() {
    const { kind, key } = here();
    if (kind === 'thanks') return restart();
    if (kind === 'comment' || kind === 'send') return submit();
    draft.started ??= new Date().toISOString();
    const missing = kind === 'item' ? !draft.answers[key] && 'nothing_chosen' : screens[kind].missing?.(f);
    if (missing) complain(missing);
    else show(steps[index() + 1]);
  }

  const back = () => show(steps[index() - 1]);

  // Go on without an answer: what was begun on this screen is taken back.
  function skip() {
    const { kind, key } = here();
    delete draft.answers[key];
    if (kind === 'points') draft.points = {};
    show(steps[index() + 1]);
  }

  function complain(key) {
    error = key;
    draw();
    (find('fieldset input, .field') || find('h1')).focus();
  }

  // --- the end: send, thank, begin anew

  function response() {
    const { survey, questionnaire, services, station, points } = f.definition;
    const service = services[1] ? draft.service : services[0]?.name;
    const answers = { ...draft.answers };
    // No points for a dimension is an answer too: points travel as points + 1.
    if (Object.keys(draft.points)[0]) for (const { column } of points.dimensions) answers[column] = (draft.points[column] || 0) + 1;
    return {
      id: draft.id,
      survey: survey.name,
      questionnaire,
      service: service === '-' ? null : service,
      station: station?.name,
      channel: f.definition.profile_kind,
      language: view.language,
      started_at: draft.started,
      submitted_at: new Date().toISOString(),
      profile: Object.fromEntries(Object.entries(draft.profile).filter(([, code]) => code)),
      answers,
      timings: draft.timings,
      ticket: draft.ticket || parts.ticket,
      comment: draft.comment.trim(),
    };
  }

  async function submit() {
    if (sending) return;
    const sent = response();
    if (!Object.keys(sent.answers)[0] && !sent.comment) return complain('nothing_to_send');
    sending = true;
    draw();
    await queue.add(sent);
    memory?.forget();
    await Promise.race([queue.send(), new Promise((done) => setTimeout(done, ANSWERS_WITHIN))]);
    // The screen may have been left meanwhile: the response is safe, its thank-you is nobody's any more.
    if (draft.id !== sent.id) return;
    sending = false;
    show(steps.at(-1));
    clocks?.thanks();
  }

  // A new person, of whom nothing is known yet.
  function begin() {
    draft = { id: uuid(), step: 'notice', service: f.definition.service, profile: {}, answers: {}, points: {}, comment: '', timings: {} };
    error = resumed = sending = since = null;
    if (kiosk || !view) view = { language: f.definition.languages[0], size: 0, contrast: '' };
  }

  // Nothing of the person who answered stays: not in memory, not on the screen, not in storage.
  function restart() {
    clearTimeout(moving);
    clocks?.stop();
    speak();
    memory?.forget();
    queue.outcomes.clear();
    dialog.close();
    begin();
    draw(true);
    // A page stays open for weeks: whether answers can be kept is asked anew before each person.
    queue.check().then(drawFoot);
  }

  // Ask before answers are wiped: because somebody wants to, or because nobody touches the screen.
  function ask(why) {
    clearTimeout(moving);
    dialog.replaceChildren(make('h2', { id: 'ask' }, say(why), '?'), make('p', { id: 'why' }, say(`${why}_text`)),
      make('div', { class: 'buttons' }, button('wipe', say('wipe'), restart), button('go_on', say('go_on'), () => dialog.close(), { class: 'button main', autofocus: 1 })));
    dialog.showModal();
  }

  // --- what happens around the form

  f.around(window, 'online', drawFoot);
  f.around(window, 'offline', drawFoot);
  f.around(document, 'visibilitychange', () => (document.hidden ? stopWatch() : startWatch()));
  // The receipt may come while the thank-you says "waits on this device".
  undo.push(queue.listen(() => (here().kind === 'thanks' ? draw() : drawFoot())));

  async function open() {
    const chosen = memory?.settings();
    if (f.definition.languages.includes(chosen?.language)) view = chosen;
    begin();
    draw();
    if (kiosk) clocks = parts.kiosk(f);
    await queue.check();
    // A draft whose response waits in the queue was finished: the phone went off a moment too early.
    const kept = memory?.read();
    if (untouched() && kept && steps.some(({ key }) => key === kept.step) && !(await queue.has(kept.id))) {
      draft = kept;
      resumed = true;
      startWatch();
    }
    if (untouched() || resumed) draw();
    queue.send();
  }
  open();

  function destroy() {
    restart();
    clocks?.end();
    for (const act of undo) act();
    host.replaceChildren();
  }

  return {
    destroy,
    // The same in all languages: the light page begins with the first one alone.
    learn(definition) {
      steps = stepsOf((f.definition = definition));
      if (view.language !== definition.languages[0]) draw();
    },
    // The door shows another survey or station now: the form begins anew with it.
    update: (changes) => destroy() || mountSurvey(host, { ...config, ...changes }),
  };
}

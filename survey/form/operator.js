// What may the staff do at this device? A panel behind a long press and the PIN: how much waits, what was set aside and
// why, when the server was last heard, send now, save to a file. It shows counts and reasons, never an answer.

import { askCode } from './code.js';
import { result } from './sealing.js';

const HOLD = 1500;
const CLOSES_AFTER = 60 * 1000;

// Everything that waits, as the server can take it in: `python -m survey import-queue FILE`.
async function fileOf({ queue, definition, about }) {
  const records = await queue.transact('readonly', (waiting) => result(waiting.getAll())).catch(() => []);
  const opened = async ({ id, body, sealed, aside, why }) => ({ id, aside, why, body: body ?? (await queue.open(sealed)) });
  const { epoch } = await about.identity();
  return {
    kind: 'survey-queue',
    version: 1,
    form: definition.form,
    station: definition.station?.name,
    epoch,
    saved_at: new Date().toISOString(),
    ahead: about.ahead,
    records: await Promise.all([...records, ...queue.held].map(opened)),
  };
}

function save(content, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([JSON.stringify(content)], { type: 'application/json' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60 * 1000);
}

// Let the staff in. `more` are further { words, act } of this device; `about` knows { identity, contact, ahead, sealed }.
// Gives the function that takes the door away.
export function operatorsDoor(f, make, { words, pin, refresh, about, more = [] }) {
  const { queue, definition } = f;
  const root = f.find('.foot').parentElement;
  const sentence = (key, params = {}) => words()[root.lang][key].replace(/{(\w+)}/g, (whole, name) => params[name]);
  const moment = (time) => new Date(time).toLocaleString(root.lang, { dateStyle: 'medium', timeStyle: 'short' });

  // A dialog over the form that goes away by itself when nobody touches it.
  function show(kind, attributes, ...children) {
    let idle;
    const alive = () => {
      clearTimeout(idle);
      idle = setTimeout(() => dialog.close(), CLOSES_AFTER);
    };
    const gone = () => {
      clearTimeout(idle);
      dialog.remove();
    };
    const dialog = make('dialog', { class: `staff ${kind}`, pointerdown: alive, keydown: alive, close: gone, ...attributes }, ...children);
    root.append(dialog);
    dialog.showModal();
    alive();
    return dialog;
  }

  async function panel() {
    const told = make('p', { class: 'note', role: 'status' });
    const facts = make('dl', { class: 'facts' });
    const reasons = make('ul', { class: 'reasons' });
    const action = (key, act, attributes) => make('button', { type: 'button', class: 'button', click: act, 'data-key': key, ...attributes }, sentence(key));

    async function draw() {
      const { last = {} } = await about.identity();
      const aside = await queue.transact('readonly', (waiting) => result(waiting.getAll())).catch(() => []);
      const storage = !queue.state.durable ? 'operator.storage_none' : about.sealed() ? 'operator.storage_sealed' : 'operator.storage_open';
      const rows = {
        'operator.station': definition.station ? `${definition.station.label} (${definition.station.name})` : sentence('operator.no_station'),
        'operator.waiting': queue.state.waiting,
        'operator.aside': queue.state.aside,
        'operator.sequence': last[definition.station?.name] ?? '–',
        'operator.contact': about.contact() ? moment(about.contact()) : sentence('operator.never'),
        'operator.form': `${definition.form} · ${definition.questionnaire.name} ${definition.questionnaire.version}`,
        'operator.storage': sentence(storage),
      };
      facts.replaceChildren(...Object.entries(rows).map(([key, value]) => make('div', {}, make('dt', {}, sentence(key)), make('dd', {}, String(value)))));
      const why = (record) => make('li', {}, sentence('operator.reason', { moment: moment(record.aside), reason: String(record.why).slice(0, 200) }));
      reasons.replaceChildren(...aside.filter((record) => record.aside).slice(0, 20).map(why));
    }

    async function sendNow() {
      told.textContent = sentence('operator.sending');
      // What was set aside is tried as well, not only when its day is over.
      await queue.transact('readwrite', async (waiting) => {
        for (const record of await result(waiting.getAll())) if (record.aside) waiting.put({ ...record, aside: 0 });
      }).catch(() => {});
      await queue.send();
      const { waiting, aside } = queue.state;
      told.textContent = waiting + aside ? sentence('operator.left', { waiting, aside }) : sentence('operator.sent');
      await draw();
    }

    async function saveNow() {
      const content = await fileOf({ queue, definition, about });
      if (!content.records.length) return (told.textContent = sentence('operator.nothing'));
      const name = `survey-queue-${content.station ?? 'device'}-${content.saved_at.replace(/[:.]/g, '')}.json`;
      save(content, name);
      told.textContent = sentence('operator.saved', { file: name, count: content.records.length });
    }

    await draw();
    const dialog = show('panel', { 'aria-labelledby': 'staff-title' },
      make('h2', { id: 'staff-title', tabindex: -1, autofocus: 1 }, sentence('operator.title')),
      facts, reasons, told,
      make('div', { class: 'buttons' },
        action('operator.send', sendNow), action('operator.save', saveNow),
        more.map(({ key, act }) => action(key, act)),
        action('operator.close', () => dialog.close(), { class: 'button main' })));
    const forget = queue.listen(draw);
    dialog.addEventListener('close', forget);
  }

  let opening;
  async function open() {
    if (opening) return;
    opening = true;
    await refresh().then(named);
    if (words() && (await askCode({ make, sentence, queue, pin, show }))) await panel();
    opening = false;
  }

  // A finger has to stay; the keyboard and a screen reader press it as any button (their clicks have no detail).
  let holding;
  const release = () => clearTimeout(holding);
  const press = () => {
    release();
    holding = setTimeout(open, HOLD);
  };
  const door = make('button', {
    type: 'button', class: 'staff-door', 'data-key': 'staff', pointerdown: press, pointerup: release, pointerleave: release,
    pointercancel: release, contextmenu: (event) => event.preventDefault(), click: (event) => event.detail || open(),
  }, '⋯');
  const named = () => words() && door.setAttribute('aria-label', sentence('operator.open'));
  named();
  const language = new MutationObserver(named);
  language.observe(root, { attributeFilter: ['lang'] });
  f.find('.foot').append(door);
  return () => {
    release();
    language.disconnect();
    door.remove();
    for (const dialog of root.querySelectorAll('.staff[open]')) dialog.close();
  };
}

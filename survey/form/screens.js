// What does each screen show?
//
// One function per kind of step. It gets the form `f` (words, definition, the person's draft) and the step, and gives
//   title   the heading, the largest words on the screen
//   hint    one line below it; `lead` the same in larger type
//   body    the parts between heading and buttons
//   asks    true when the parts are answers to the heading: they stand in a fieldset with the heading as its legend
//   next    the words of the main button; false when there is none

// An element with attributes and children. A function as attribute listens to the event of that name.
export function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value?.call) node.addEventListener(name, value);
    else if (value || value === 0) node.setAttribute(name, value);
  }
  node.append(...children.flat(9).filter((child) => child || child === 0));
  return node;
}

// A drawing only decorates: the words beside it say the same.
function drawing(kind, paths) {
  const node = make('span', { class: kind, 'aria-hidden': 'true' });
  node.innerHTML = `<svg viewBox="0 0 64 64">${paths}</svg>`;
  return node;
}

// A face whose mouth goes evenly from turned down (mood 0) to turned up (mood 1).
function face(mood) {
  const node = drawing(
    'face',
    `<circle cx="32" cy="32" r="28"/><path d="M20 ${45 - 6 * mood}Q32 ${34 + 19 * mood} 44 ${45 - 6 * mood}"/><path stroke-width="7" d="M23 26h0M41 26h0"/>`,
  );
  node.style.color = `var(--tint${1 + Math.min(3, Math.floor(mood * 4))})`;
  return node;
}

const TICK = 'M13 33 27 47 51 19';
const TRAY = 'M32 10v26M21 27l11 11 11-11M11 39v13h42V39';

// Large radio buttons. `choices` are { value, words, picture, quiet }; `side` says how they spread where there is room.
function options(f, name, choices, chosen, choose, side) {
  const cards = choices.map(({ value, words, picture, quiet }) =>
    make(
      'label',
      { class: quiet ? 'option quiet' : 'option' },
      make('input', { type: 'radio', name, value, checked: value === chosen, change: () => choose(value) }),
      make('span', { class: 'card' }, picture, make('span', { class: 'words' }, words)),
    ),
  );
  // A touch moves on by itself; keys never do (their clicks have no detail).
  return make('div', { class: `options ${side}`, click: (event) => event.detail && f.touched() }, cards);
}

// What only some devices or questionnaires need adds itself here when it is loaded: `kiosk`, `memory`, `stars`.
export const parts = {};

export const screens = {
  notice({ definition, say, text, queue }) {
    const about = { agency: text(definition.agency), minutes: definition.minutes, months: definition.retention_months };
    const facts = ['anonymous', 'free', 'kept', 'touch'];
    return {
      title: text(definition.survey.title),
      hint: say('notice', about),
      body: [
        definition.survey.test && make('p', { class: 'note' }, say('test.survey')),
        !queue.state.durable && make('p', { class: 'note alert' }, say('not_durable')),
        make('ul', { class: 'facts' }, facts.map((fact) => make('li', {}, make('b', {}, say(fact, about)), say(`${fact}_more`, about)))),
      ],
      next: say('start'),
    };
  },

  closed: ({ definition, say, text }) => ({ title: say('closed.title'), hint: say('closed.text', { agency: text(definition.agency) }), next: false }),

  service(f) {
    const { units, services } = f.definition;
    const offered = (list) =>
      options(f, 'service', list, f.draft.service, (value) => (f.draft.service = value), 'pairs');
    const choice = ({ name, label }) => ({ value: name, words: f.text(label) });
    const other = { value: '-', words: f.say('service.other'), quiet: true };
    const group = ({ name, label }) => {
      const own = services.filter(({ unit }) => unit === name).map(choice);
      return own[0] && make('div', { role: 'group', 'aria-labelledby': `unit-${name}` }, make('h2', { id: `unit-${name}` }, f.text(label)), offered(own));
    };
    return {
      title: f.say('service.question'),
      asks: true,
      body: units[1] ? [units.map(group), offered([other])] : offered([...services.map(choice), other]),
    };
  },

  profile(f, { asked: { name, question, choices } }) {
    const { profile } = f.draft;
    const offered = choices.map(([value, label]) => ({ value, words: f.text(label) }));
    offered.push({ value: 0, words: f.say('profile.rather_not'), quiet: true });
    return {
      title: f.text(question),
      hint: f.say('profile.hint'),
      asks: true,
      body: options(f, name, offered, profile[name], (value) => (profile[name] = value), 'pairs'),
    };
  },

  intro: (f, { block }) => ({ title: f.text(block.title), lead: f.text(block.intro) }),

  item(f, { column: { name, question, scale } }) {
    const { points, labels, picture } = f.definition.scales[scale];
    const { answers } = f.draft;
    const worded = points < 6;
    const offered = Array.from({ length: points }, (_, index) => ({
      value: index + 1,
      words: labels[index + 1] && f.text(labels[index + 1]),
      picture: picture ? parts[picture](index + 1, points) : worded ? face(index / (points - 1)) : make('span', { class: 'number' }, index + 1),
    }));
    return {
      title: f.text(question),
      hint: f.say('item_hint'),
      asks: true,
      body: options(f, name, offered, answers[name], (value) => (answers[name] = value), worded ? 'row' : 'many'),
    };
  },

  comment(f) {
    const hint = f.say('comment.hint');
    const field = make('textarea', {
      class: 'field', rows: 4, maxlength: 2000, 'data-key': 'comment', 'aria-labelledby': 'heading', 'aria-describedby': 'hint',
      input: () => {
        f.draft.comment = field.value;
        f.changed();
      },
    });
    field.value = f.draft.comment;
    return { title: f.text(f.definition.comment.question), hint, body: field, next: f.say('send') };
  },

  // The last step of a questionnaire that asks for no comment: nothing is sent without a press of its button.
  send: ({ say }) => ({ title: say('send.title'), hint: say('send.text'), next: say('send') }),

  thanks({ kiosk, say, queue, draft }) {
    const { receipt, refused } = queue.outcomes.get(draft.id) || {};
    const state = receipt ? 'stored' : refused ? 'aside' : queue.state.durable ? 'waiting' : 'held';
    const code = receipt?.replace(/^(.{4})(.{4})$/, '$1 $2');
    return {
      title: say(state === 'held' ? 'held' : 'thanks'),
      lead: say({ waiting: 'offline', held: 'not_durable' }[state] || `thanks_${state}`),
      picture: drawing('sign', `<path d="${receipt ? TICK : TRAY}"/>`),
      body: [
        code && make('p', { class: 'code' }, say('receipt'), make('b', {}, code)),
        make('p', { class: 'countdown' }, !kiosk && say('phone.close')),
      ],
      next: say(kiosk ? 'kiosk.finish' : 'phone.once_more'),
    };
  },
};

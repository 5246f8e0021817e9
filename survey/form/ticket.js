// Which queue ticket does this person have? It travels only where a survey asks for tickets.
//
// Whoever scanned one has its code in the address and is not asked. Whoever has none goes on without: no answer is
// refused for it.

import { make, parts, screens } from './screens.js';

const LENGTH_OF_TICKET = 8;

parts.ticket = new URLSearchParams(location.search).get('ticket');

screens.ticket = (f) => {
  const field = make('input', {
    class: 'field', maxlength: 20, autocapitalize: 'characters', spellcheck: 'false', autofocus: 1, 'data-key': 'ticket',
    'aria-labelledby': 'heading', 'aria-describedby': 'hint alert',
    input: () => {
      f.draft.ticket = field.value;
      f.changed();
    },
  });
  field.value = f.draft.ticket || '';
  const type = (sign) => {
    field.value = sign ? field.value + sign : field.value.slice(0, -1);
    field.dispatchEvent(new Event('input'));
  };
  // A kiosk has no keyboard. There are no keys for signs that no ticket has.
  const key = (sign) => make('button', { type: 'button', class: 'tool', click: () => type(sign), 'aria-label': !sign && f.say('ticket.erase') }, sign || '⌫');
  const keys = f.kiosk && make('div', { role: 'group' }, [...'23456789ACDEFHJKLMNPRTVWXY', ''].map(key));
  if (keys) keys.style.cssText = 'display:grid;grid-template-columns:repeat(auto-fill,minmax(62px,1fr));gap:.4em;margin-top:.8em';
  return { title: f.say('ticket.question'), hint: f.say('ticket.hint'), asks: true, body: [field, keys] };
};

screens.ticket.missing = ({ draft }) => (draft.ticket || '').replace(/[^a-z0-9]/gi, '').length !== LENGTH_OF_TICKET && 'ticket.missing';

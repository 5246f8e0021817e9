// The sharing of points over the dimensions. It travels only where a questionnaire asks for it.

import { make, screens } from './screens.js';

screens.points = (f) => {
  const { total, dimensions, question } = f.definition.points;
  const { points } = f.draft;
  const rest = make('p', { class: 'lead', role: 'status' });
  const tell = () => {
    const left = total - Object.values(points).reduce((sum, one) => sum + one, 0);
    rest.textContent = f.say(left < 0 ? 'points.over' : 'points.left', { points: Math.abs(left) });
  };
  const row = ({ column, label }) => {
    const set = (value) => {
      if (value === '') delete points[column];
      else points[column] = Math.max(0, Math.min(total, value));
      f.changed();
      tell();
    };
    const field = make('input', {
      class: 'field', id: column, inputmode: 'numeric', maxlength: 3, autocomplete: 'off', 'aria-describedby': 'hint',
      input: () => {
        field.value = field.value.replace(/[^0-9]/g, '');
        set(field.value && Number(field.value));
      },
    });
    field.value = points[column] ?? '';
    const step = (by, sign, key) =>
      make('button', {
        type: 'button', class: 'tool step', 'aria-label': f.say(key, { label: f.text(label) }),
        click: () => {
          set((points[column] || 0) + by);
          field.value = points[column];
        },
      }, sign);
    return make('div', { class: 'share' }, make('label', { for: column }, f.text(label)), step(-5, '−', 'points.less'), field, step(5, '+', 'points.more'));
  };
  tell();
  return { title: f.text(question), hint: f.say('points.hint', { total }), asks: true, body: [dimensions.map(row), rest] };
};

// What is wrong with the points so far, as the key of the words that say it.
screens.points.missing = ({ definition, draft }) => {
  const given = Object.values(draft.points);
  if (!given.length) return 'points.none';
  return given.reduce((sum, one) => sum + one) === definition.points.total ? null : 'points.wrong';
};

// The picture beside an answer on a scale of stars. It travels only where a questionnaire has one.

import { make, parts } from './screens.js';

// As many full stars as the code says, the rest hollow. The words beside them say the same.
parts.stars = (code, points) => make('span', { class: 'stars', 'aria-hidden': 'true' }, '★'.repeat(code) + '☆'.repeat(points - code));

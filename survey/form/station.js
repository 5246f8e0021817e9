// What does a shared device do beside asking? Fetched when its page can be used already; nothing here is needed to answer.
//
// It looks whether the page has changed, as nobody ever reloads it.

const LOOKS_AGAIN = 5 * 60 * 1000;

// Begin. `f` is what the screens may see and do, `make` makes elements. Gives the function that ends it.
export function start(f, make) {
  let tag;

  // Load the page anew when it is another one now (a new form, another questionnaire, a survey that closed).
  async function lookAgain() {
    const answer = await fetch(location.href, { method: 'HEAD', cache: 'no-store' }).catch(() => null);
    const found = answer?.ok && answer.headers.get('X-Survey-Form') && answer.headers.get('ETag');
    if (found && tag && found !== tag && f.untouched()) location.reload();
    tag = found || tag;
  }

  const looking = setInterval(() => f.untouched() && lookAgain(), LOOKS_AGAIN);
  lookAgain();
  return () => clearInterval(looking);
}

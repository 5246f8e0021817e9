// Keys paper forms: digits choose and go on by themselves, Enter skips, Backspace goes back. One input holds the focus
// all the time, so that hands stay on the number pad and a screen reader hears each question.

const make = (tag, name, words) => {
  const element = document.createElement(tag)
  if (name) element.className = name
  if (words !== undefined) element.textContent = words
  return element
}

class Desk {
  constructor(root, send) {
    this.root = root
    this.send = send
    this.values = {}
    this.at = 0
    this.saving = null
    this.build()
  }

  build() {
    this.sheet = make("ol", "sheet")
    this.number = make("p", "where")
    this.question = make("h2")
    this.options = make("ul", "options")
    this.input = make("input")
    Object.assign(this.input, { autocomplete: "off", spellcheck: false })
    this.input.setAttribute("inputmode", "numeric")
    this.told = make("p", "told")
    this.told.setAttribute("role", "status")
    this.hint = make("p", "hint")
    const card = make("section", "card")
    card.append(this.number, this.question, this.options, this.input, this.hint, this.told)
    this.root.replaceChildren(card, this.sheet)
    // Whoever comes back by a click writes anew, as after each form: 5 never becomes 15. A second click sets the cursor.
    this.input.addEventListener("mousedown", (event) => {
      if (this.input.matches(":focus")) return
      event.preventDefault()
      this.input.focus()
      this.input.select()
    })
    this.input.addEventListener("keydown", (event) => this.key(event))
    this.input.addEventListener("input", () => this.typed())
  }

  // What is asked and what is known comes anew with every run of the script.
  update(data) {
    this.data = data
    const asked = data.survey + data.steps.map((step) => step.name).join()
    if (asked !== this.asked) {
      this.asked = asked
      this.values = { day: data.day }
      this.begin(data.next)
    }
    const outcome = data.outcome
    if (this.saving && outcome && outcome.token === this.saving) {
      this.saving = null
      if (outcome.kept) {
        const { day, service } = this.values
        this.values = { day, service }
        this.begin(data.next)
      } else {
        this.go(outcome.step)
      }
      this.say(outcome.said, !outcome.kept)
    }
    this.draw()
  }

  begin(next) {
    this.values.number = String(next)
    this.go(0)
  }

  get step() {
    return this.data.steps[this.at]
  }

  go(at) {
    this.at = Math.max(0, Math.min(at, this.data.steps.length - 1))
    this.input.value = this.free(this.step) ? this.values[this.step.name] ?? "" : ""
    this.say("")
    this.draw()
    this.input.focus()
    this.input.select()
  }

  free(step) {
    return ["number", "day", "points", "comment"].includes(step.kind)
  }

  say(words, wrong = false) {
    this.told.textContent = words
    this.told.classList.toggle("wrong", wrong)
  }

  key(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || this.saving) return
    if (event.key === "Enter") {
      event.preventDefault()
      this.enter()
    } else if (event.key === "ArrowUp" || (event.key === "Backspace" && this.empty())) {
      event.preventDefault()
      this.back()
    } else if (event.key === "ArrowDown") {
      event.preventDefault()
      if (this.at < this.data.steps.length - 1) this.enter(true)
    }
  }

  empty() {
    const all = this.input.selectionStart === 0 && this.input.selectionEnd === this.input.value.length
    return this.input.value === "" || (all && !this.free(this.step))
  }

  back() {
    this.go(this.at - 1)
  }

  typed() {
    const { kind, codes } = this.step
    if (kind !== "code") return
    const typed = this.input.value.trim()
    const longer = codes.some((code) => code !== typed && code.startsWith(typed))
    if (codes.includes(typed) && !longer) return this.choose(typed)
    if (typed && !codes.includes(typed) && !longer) {
      this.input.value = ""
      this.say(this.data.words.off.replace("{known}", this.known()), true)
    } else {
      this.say("")
    }
  }

  known() {
    const { codes } = this.step
    return codes.length > 3 ? `${codes[0]}–${codes[codes.length - 1]}` : codes.join(", ")
  }

  choose(code) {
    this.values[this.step.name] = code
    this.go(this.at + 1)
  }

  enter(moving = false) {
    const { kind, name, codes } = this.step
    const typed = this.input.value.trim()
    if (kind === "save") return moving ? undefined : this.save()
    if (kind === "number" && !this.numbered(typed)) return
    if (kind === "day" && !/^\d{1,2}\D\d{1,2}\D\d{4}$|^\d{8}$|^\d{4}-\d{2}-\d{2}$/.test(typed)) {
      return this.say(this.data.words.day, true)
    }
    if (kind === "points" && typed && !(/^\d{1,3}$/.test(typed) && Number(typed) <= this.data.total)) {
      return this.say(this.data.words.off.replace("{known}", `0–${this.data.total}`), true)
    }
    if (kind === "code" && codes.includes(typed)) return this.choose(typed)
    if (kind === "code" && !moving && !this.step.stays) delete this.values[name]
    if (this.free(this.step)) {
      if (typed) this.values[name] = typed
      else delete this.values[name]
    }
    this.go(this.at + 1)
  }

  numbered(typed) {
    const number = Number(typed)
    if (!/^\d{1,5}$/.test(typed) || number < 1) {
      this.say(this.data.words.number, true)
      return false
    }
    if (this.data.keyed.some(([first, last]) => first <= number && number <= last)) {
      this.say(this.data.words.again.replace("{number}", number), true)
      this.input.select()
      return false
    }
    return true
  }

  save() {
    const points = this.data.steps.filter((step) => step.kind === "points")
    const given = points.map((step) => this.values[step.name]).filter((value) => value !== undefined)
    const sum = given.reduce((total, value) => total + Number(value), 0)
    if (given.length && (given.length < points.length || sum !== this.data.total)) {
      this.go(this.data.steps.indexOf(points[0]))
      return this.say(this.data.words.points, true)
    }
    this.saving = crypto.randomUUID ? crypto.randomUUID() : String(Math.random())
    this.say(this.data.words.saving)
    this.send({ token: this.saving, survey: this.data.survey, values: { ...this.values } })
  }

  draw() {
    const { steps, words } = this.data
    const step = this.step
    this.number.textContent = `${step.number ? step.number + " · " : ""}${this.at + 1} / ${steps.length}`
    this.question.textContent = step.question
    this.input.setAttribute("aria-label", step.question)
    this.input.setAttribute("inputmode", step.kind === "comment" ? "text" : "numeric")
    this.input.className = step.kind
    this.options.replaceChildren(...(step.options ?? []).map(([code, label]) => {
      const option = make("li", this.values[step.name] === code ? "chosen" : "")
      option.append(make("kbd", "", code), make("span", "", label))
      option.addEventListener("click", () => this.choose(code))
      return option
    }))
    this.hint.textContent = words.hints[step.kind === "code" && step.stays ? "stays" : step.kind]
    this.sheet.replaceChildren(...steps.slice(0, -1).map((each, at) => {
      const line = make("li", at === this.at ? "here" : "")
      const value = this.values[each.name]
      line.append(make("span", "number", each.number || each.short), make("b", "", value === undefined ? "–" : value))
      line.title = each.question
      line.addEventListener("click", () => this.go(at))
      return line
    }))
  }
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".desk")
  root.desk ??= new Desk(root, (form) => root.desk.trigger("form", form))
  root.desk.trigger = setTriggerValue
  root.desk.update(data)
}

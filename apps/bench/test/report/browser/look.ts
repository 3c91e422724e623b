/**
 * Opens a page in Chromium and tells, as JSON on the standard output, what a reader would meet. A program of its own, for
 * Node, since playwright-core is made for it.
 *
 *     node look.ts <file of the page> [folder for screenshots]
 *
 * Where there is no browser it tells only that, as `{ "missing": … }`.
 */
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { type BrowserContext, chromium, type Page } from "playwright-core"
import { findChromium } from "./chromium.ts"
import type { Look, Reached } from "./model.ts"

const [file, screenshots] = process.argv.slice(2)

const quiet = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
]

const found = findChromium()
if ("missing" in found) {
  console.log(JSON.stringify(found))
  process.exit()
}

const browser = await chromium.launch({
  executablePath: found.path,
  // Chromium's sandbox does not run as root; the page is our own and loads nothing.
  args: process.getuid?.() === 0 ? [...quiet, "--no-sandbox"] : quiet,
})

const problems: Array<string> = []
const requests: Array<string> = []

const open = async (context: BrowserContext): Promise<Page> => {
  const page = await context.newPage()
  page.on("console", (message) => problems.push(`${message.type()}: ${message.text()}`))
  page.on("pageerror", (error) => problems.push(error.message))
  page.on("request", (request) => requests.push(request.url()))
  await page.goto(pathToFileURL(file!).href)
  return page
}

const picture = async (page: Page, name: string): Promise<void> => {
  if (screenshots !== undefined) await page.screenshot({ path: join(screenshots, `${name}.png`) })
}

/** Lightness of text and paper, 0 to 255. */
const lightness = (page: Page): Promise<Look["light"]> =>
  page.evaluate(() => {
    const lightnessOf = (colour: string): number => {
      const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number)
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
    const { color, backgroundColor } = getComputedStyle(document.body)
    const mark = document.querySelector("figure svg circle")
    return {
      text: lightnessOf(color),
      paper: lightnessOf(backgroundColor),
      mark: mark === null ? -1 : lightnessOf(getComputedStyle(mark).fill),
    }
  })

/** Presses Tab until the keyboard has been everywhere. */
const walk = async (page: Page): Promise<Look["keyboard"]> => {
  const expected = await page.evaluate(
    () =>
      Array.from(document.querySelectorAll("a, summary, [tabindex='0']")).filter((element) => element.checkVisibility())
        .length,
  )
  const reached: Array<Reached> = []
  for (let press = 0; press < expected; press++) {
    await page.keyboard.press("Tab")
    reached.push(
      await page.evaluate(() => {
        const element = document.activeElement!
        const name = element.getAttribute("aria-label") ?? element.textContent ?? ""
        return {
          element: element.tagName.toLowerCase(),
          name: name.trim().slice(0, 80),
          outlined: getComputedStyle(element).outlineStyle !== "none",
        }
      }),
    )
  }
  return { expected, reached }
}

try {
  const lightContext = await browser.newContext({ colorScheme: "light", viewport: { width: 1280, height: 900 } })
  const page = await open(lightContext)
  await picture(page, "light")
  const light = await lightness(page)
  const headings = await page.getByRole("heading", { level: 2 }).allTextContents()
  const charts = await page.getByRole("img").evaluateAll((elements) =>
    elements.map((element) => {
      const { width, height } = element.querySelector("svg")?.getBoundingClientRect() ?? { width: 0, height: 0 }
      return {
        name: element.getAttribute("aria-label") ?? "",
        width,
        height,
        marks: element.querySelectorAll("circle, rect, path").length,
      }
    }),
  )
  const keyboard = await walk(page)

  await page.reload()
  await page.keyboard.press("Tab")
  await page.keyboard.press("Enter")
  await page.keyboard.press("Tab")
  const afterSkip = await page.evaluate(() => document.querySelector("main")?.contains(document.activeElement) === true)

  const summary = page.locator("figure summary").first()
  await summary.focus()
  await page.keyboard.press("Enter")
  const opened = await page.locator("figure details").first().getByRole("table").isVisible()

  const darkContext = await browser.newContext({ colorScheme: "dark", viewport: { width: 1280, height: 900 } })
  const darkPage = await open(darkContext)
  await picture(darkPage, "dark")
  const dark = await lightness(darkPage)

  const narrowContext = await browser.newContext({ viewport: { width: 360, height: 740 } })
  const narrowPage = await open(narrowContext)
  await picture(narrowPage, "narrow")
  const narrow = await narrowPage.evaluate(() => ({
    width: document.documentElement.scrollWidth,
    textHeight: document.querySelector("figure svg text")?.getBoundingClientRect().height ?? 0,
  }))

  const look: Look = { headings, charts, keyboard, afterSkip, opened, light, dark, narrow, problems, requests }
  process.stdout.write(JSON.stringify(look))
} finally {
  await browser.close()
}

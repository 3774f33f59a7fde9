-- {{< antes leader-dies from=1s to=4s >}} shows a run: in a frame where the output is HTML, reveal.js
-- included, and as a picture with its address elsewhere.
--
-- Where the page lies is `antes-src` in the document's or the project's metadata, or `src=`. Every part
-- of the page's address can be named; `autoplay`, `loop`, `compare` and `trace` need no value. Besides: width,
-- height, title, and picture, which is shown where no frame can be.

local PARTS = {
  "profile", "seed", "t", "note", "do", "stamps", "lang", "theme", "type", "motion", "controls", "views",
  "narration", "log", "from", "to", "speed", "autoplay", "loop", "keys", "compare", "trace", "select", "zoom", "show",
}

local OTHERS = { "src", "width", "height", "title", "picture" }

-- What a part without a value means.
local SWITCHES = { autoplay = "autoplay=1", loop = "loop=1", compare = "compare", trace = "trace" }

local function text(value)
  if value == nil then return "" end
  return pandoc.utils.stringify(value)
end

-- Percent escapes for whatever a query cannot hold as it is.
local function escaped(value)
  return (value:gsub("[^%w%-%._~@:,]", function(sign) return string.format("%%%02X", sign:byte()) end))
end

-- Escapes for an attribute of HTML.
local function quoted(value)
  local names = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }
  return (value:gsub('[&<>"]', names))
end

-- Stops at a name that no part of the address has, so that no misspelled one is lost silently.
local function check(kwargs)
  local known = {}
  for _, names in ipairs({ PARTS, OTHERS }) do
    for _, name in ipairs(names) do known[name] = true end
  end
  for name in pairs(kwargs) do
    if not known[name] then error("antes: no part of the address is named " .. name) end
  end
end

local function address(place, args, kwargs)
  local scenario = text(args[1])
  local query = { "embed=1", "scenario=" .. escaped(scenario) }
  for _, name in ipairs(PARTS) do
    local value = text(kwargs[name])
    if value ~= "" then table.insert(query, name .. "=" .. escaped(value)) end
  end
  for at = 2, #args do
    local switch = SWITCHES[text(args[at])]
    if switch == nil then error("antes: " .. text(args[at]) .. " needs a value, as in from=1s") end
    table.insert(query, switch)
  end
  local glue = place:find("?", 1, true) and "&" or "?"
  return place .. glue .. table.concat(query, "&")
end

return {
  ["antes"] = function(args, kwargs, meta)
    local scenario = text(args[1])
    local place = text(kwargs["src"])
    if place == "" then place = text(meta["antes-src"]) end
    if scenario == "" or place == "" then
      error('antes: name a scenario, and where the page lies: antes-src: "https://.../antes/"')
    end
    check(kwargs)
    local link = address(place, args, kwargs)
    local title = text(kwargs["title"])
    if title == "" then title = scenario end
    if quarto.doc.is_format("html:js") then
      local width, height = text(kwargs["width"]), text(kwargs["height"])
      -- Decks of slides load the frame with its slide.
      local source = quarto.doc.is_format("revealjs") and "data-src" or "src"
      -- Without data-external, `embed-resources` would copy the page into the attribute, where it cannot run.
      return pandoc.RawBlock("html", string.format(
        '<iframe data-external="1" %s="%s" title="%s" width="%s" height="%s" allow="clipboard-write; fullscreen" loading="lazy" style="border: 0"></iframe>',
        source, quoted(link), quoted(title), quoted(width ~= "" and width or "900"), quoted(height ~= "" and height or "560")
      ))
    end
    local written = pandoc.Para({ pandoc.Link({ pandoc.Str(title) }, link) })
    local picture = text(kwargs["picture"])
    if picture == "" then return written end
    return { pandoc.Para({ pandoc.Image({ pandoc.Str(title) }, picture) }), written }
  end,
}

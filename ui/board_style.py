"""The dashboard's style sheet and script: every size by container query, every colour from the theme's variables."""

from reports.states import states_css

BOARD_CSS = (
    """
.board{--bg:var(--st-background-color);--tx:var(--st-text-color);--mu:var(--st-gray-text-color);
  --bd:var(--st-border-color);--tr:var(--st-gray-background-color);--hv:var(--st-secondary-background-color);
  --go:var(--st-primary-color);--value:132px;
  container-type:inline-size;max-width:1240px;color:var(--tx);background:var(--bg);
  font:14px/1.4 var(--st-font,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif);
  font-variant-numeric:tabular-nums;padding:0 2px 12px}
.board[lang=en]{--value:168px}
.board *{box-sizing:border-box}
.board ul{list-style:none!important;margin:0!important;padding:0!important}
.board li{margin:0;padding:0}
.board .mu{color:var(--mu)}
.board .icon{width:16px;height:16px;color:var(--c);display:block;flex:none}

.time{display:flex;flex-wrap:wrap;align-items:baseline;gap:2px 16px;margin-bottom:8px;color:var(--mu);font-size:14px}
.time b{font-size:16px;font-weight:650;color:var(--tx)}
.time .end{margin-left:auto}
.elapsed{height:4px;border-radius:2px;background:var(--tr);overflow:hidden}
.elapsed i{display:block;height:100%;border-radius:2px;background:var(--go)}
.board .counts{display:flex;flex-wrap:wrap;align-items:center;gap:6px 24px;padding:20px 0 4px!important}
.counts li{display:flex;align-items:center;gap:8px;color:var(--mu)}
.counts b{font-size:24px;line-height:1.2;font-weight:650;color:var(--tx)}
.counts .key{margin-left:auto;font-size:12.5px}
.counts .key i{width:2px;height:14px;border-radius:1px;background:var(--tx)}

.board section{margin-top:20px}
.board section:first-of-type{margin-top:12px}
.board h2{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 8px;margin:0;padding:0 0 7px;
  border-bottom:1px solid var(--bd);font-size:14px;font-weight:650;line-height:1.4;
  letter-spacing:0}
.board h2 .no{font-weight:400;color:var(--mu)}
.board h2 small{font-size:12.5px;font-weight:400;color:var(--mu)}
.quiet{display:flex;align-items:center;gap:8px;margin:0;padding:12px 0;color:var(--mu)}
.lines li+li{border-top:1px solid var(--tr)}
.lines a{color:inherit;text-decoration:none;border-radius:4px}
.lines a:hover{background:var(--hv)}
.lines a:hover .name{color:var(--st-link-color);text-decoration:underline;text-underline-offset:3px}
.lines a:focus-visible{outline:2px solid var(--go);outline-offset:1px}

.line{display:grid;align-items:center;column-gap:12px;min-height:50px;padding:5px 0;
  grid-template-columns:16px 38px minmax(0,1fr) minmax(160px,300px) var(--value) 96px;
  grid-template-areas:"i c n m v s" "i c g m v s"}
.line .icon{grid-area:i}
.line .code{grid-area:c;color:var(--mu);font-size:13px}
.line .name{grid-area:n;align-self:end;line-height:1.35;overflow-wrap:anywhere}
.line .gap{grid-area:g;align-self:start;font-size:12.5px;color:var(--mu);line-height:1.4}
.line .gap b{font-weight:600;color:var(--ct)}
.line .measure{grid-area:m}
.line .value{grid-area:v;text-align:right;font-size:12.5px;color:var(--mu);white-space:nowrap}
.line .value b{font-size:16px;font-weight:650;color:var(--tx)}
.line .value small{display:block;font-size:12px}
.spark{grid-area:s;display:block;width:96px;height:24px}
.spark rect{fill:var(--mu);opacity:.62}
.spark rect.run{opacity:.32}
.spark .ground{stroke:var(--bd);fill:none}
.spark .area{fill:var(--tr)}
.spark .trace{fill:none;stroke:var(--mu);stroke-width:1.4}
.spark circle{fill:var(--tx)}

.bullet{position:relative;display:block;height:10px;border-radius:3px;background:var(--tr)}
.bullet i{position:absolute;top:0;height:100%}
.bullet .bar{left:0;min-width:0;border-radius:3px 1px 1px 3px;background:var(--c)}
.bullet .goal{width:2px;margin-left:-2px;background:var(--mu)}
.bullet .notch{width:2px;margin-left:-1px;background:var(--bg)}
.bullet .pace{top:-4px;height:18px;width:2px;margin-left:-1px;border-radius:1px;background:var(--tx);
  box-shadow:0 0 0 1px var(--bg)}
.cells{display:flex;gap:3px}
.cells.dense{gap:1px}
.cells>i{flex:1;min-width:0;height:13px;border-radius:3px;background:var(--tr);overflow:hidden}
.cells.dense>i{border-radius:1px}
.cells .yes{background:var(--go);opacity:.78}
.s-achieved .cells .yes{background:var(--c)}
.cells .no{border:1px solid var(--st-orange-color);
  background:repeating-linear-gradient(45deg,transparent 0 2px,var(--st-orange-color) 2px 3px)}
.cells .unit>i{display:block;height:100%;background:var(--c)}
.cells .met>i{background:var(--st-green-color)}
.ticks{display:flex;flex-wrap:wrap;gap:5px}
.ticks i{width:20px;height:20px;border:1px solid var(--bd);border-radius:5px}
.ticks .yes{border:0;background:var(--c)}
.ticks svg{display:block;width:20px;height:20px;fill:none;stroke:var(--bg);stroke-width:1.8;stroke-linecap:round;
  stroke-linejoin:round}
.plain{font-size:12.5px;color:var(--mu)}

.waits{columns:2;column-gap:32px}
.waits li{break-inside:avoid;border-top:0!important;border-bottom:1px solid var(--tr)}
.wait{display:grid;grid-template:"i c n" auto ". . g" auto/16px 38px minmax(0,1fr);column-gap:12px;align-items:center;
  padding:6px 0;color:var(--mu)!important;font-size:13px}
.wait .gap{grid-area:g;font-size:12.5px}

@container (max-width:980px){
  .line{grid-template-columns:16px 38px minmax(0,1fr) minmax(120px,200px) var(--value) 72px}
  .line .more{display:none}
  .spark{width:72px}
}
@container (max-width:760px){
  .time{column-gap:10px;font-size:13px}
  .board .counts{gap:4px 20px;padding-top:16px!important}
  .counts .key{margin-left:0}
  .line{display:flex;flex-wrap:wrap;align-items:baseline;gap:2px 10px;padding:9px 0 10px}
  .line .icon{align-self:start;margin-top:2px}
  .line .code,.line .plain{display:none}
  .line .name{flex:1 0 calc(100% - 26px)}
  .line .gap{flex:1 1 0;margin-left:26px;align-self:baseline}
  .line .value{flex:none}
  .line .measure{flex:1 0 calc(100% - 112px);order:1;margin-left:26px;align-self:center}
  .spark{flex:none;order:1;width:76px}
  .waits{columns:1}
}
"""
    + states_css()
    + "\n"
)

BOARD_JS = """
export default function ({ data, parentElement, setTriggerValue }) {
  let root = parentElement.querySelector('.root');
  if (!root) { root = document.createElement('div'); root.className = 'root'; parentElement.appendChild(root) }
  if (root._html !== data.html) { root.innerHTML = data.html; root._html = data.html }
  root.onclick = event => {
    const line = event.target.closest('a[data-code]');
    if (!line || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    setTriggerValue('open', line.dataset.code);
  };
}
"""

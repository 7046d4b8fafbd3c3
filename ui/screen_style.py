"""The style sheet and the script of the screen in the meeting room: one unit for every size, one slide at a time."""

SCREEN_CSS = """
.screen{--u:min(1vw,1.7778vh);position:fixed;inset:0;z-index:999990;max-width:none;container-type:normal;
  display:flex;flex-direction:column;padding:calc(var(--u)*1.6) calc(var(--u)*2.4) calc(var(--u)*1);
  font-size:calc(var(--u)*1.5);line-height:1.3;cursor:default;overflow:hidden}
.screen header{display:flex;align-items:baseline;gap:calc(var(--u)*2.4);color:var(--mu);font-size:calc(var(--u)*1.6)}
.screen h1{flex:1;margin:0;padding:0;font-weight:650;color:var(--tx);font-size:calc(var(--u)*1.9);overflow:hidden;
  text-overflow:ellipsis;white-space:nowrap}
.screen header b{color:var(--tx);font-size:calc(var(--u)*2)}
.screen .elapsed{flex:none;height:calc(var(--u)*.4);border-radius:1em;margin-top:calc(var(--u)*.7)}
.screen .deck{flex:1;min-height:0;display:flex;padding:calc(var(--u)*1.2) 0 calc(var(--u)*.6)}
.screen .slide{flex:1;min-width:0;margin:0!important;display:flex;flex-direction:column;animation:arrive .35s ease-out}
.screen .slide[hidden]{display:none}
@keyframes arrive{from{opacity:0}}
@media (prefers-reduced-motion:reduce){.screen .slide{animation:none}}
.screen h2{border:0;padding:0 0 calc(var(--u)*.5);font-size:calc(var(--u)*2.3);line-height:1.25;gap:0 calc(var(--u)*1)}
.screen h2 small{font-size:calc(var(--u)*1.6)}
.screen .tiles{flex:none;display:flex;gap:calc(var(--u)*1.2);margin:0 0 calc(var(--u)*1.1)!important}
.screen .tiles li{flex:1;display:grid;grid-template:"i b" auto "w w" auto/auto 1fr;align-items:center;
  column-gap:calc(var(--u)*.8);padding:calc(var(--u)*.7) calc(var(--u)*1.1);border-radius:calc(var(--u)*.6);background:var(--hv)}
.screen .tiles .icon{width:calc(var(--u)*3);height:calc(var(--u)*3);grid-area:i}
.screen .tiles b{grid-area:b;font-size:calc(var(--u)*4.2);line-height:1.1;font-weight:650}
.screen .tiles span{grid-area:w;color:var(--mu);font-size:calc(var(--u)*1.6)}
.screen .bigs{flex:1;min-height:0;display:flex;flex-direction:column}
.screen .bigs.few{--u:min(1.3vw,2.314vh)}
.screen .few .big{flex:0 0 auto;padding:calc(var(--u)*1.1) 0} .screen .few .name{-webkit-line-clamp:4}
.big{flex:0 1 calc(var(--u)*8.4);min-height:0;display:grid;align-content:center;align-items:center;
  column-gap:calc(var(--u)*1.4);row-gap:calc(var(--u)*.2);
  grid-template:"i n m v" auto "i g m v" auto/calc(var(--u)*2.6) minmax(0,1fr) 25% calc(var(--u)*17);
  border-top:1px solid var(--bd)}
.screen[lang=en] .big{grid-template-columns:calc(var(--u)*2.6) minmax(0,1fr) 20% calc(var(--u)*22)}
.screen[lang=en] .big .name{font-size:calc(var(--u)*1.9)} .screen[lang=en] .big .value b{font-size:calc(var(--u)*2.6)}
.screen .big .icon{grid-area:i;width:calc(var(--u)*2.4);height:calc(var(--u)*2.4)}
.big .name{grid-area:n;font-size:calc(var(--u)*2.1);font-weight:600;line-height:1.2;overflow:hidden;display:-webkit-box;
  -webkit-box-orient:vertical;-webkit-line-clamp:2}
.big .code{font-weight:400;color:var(--mu)}
.big .gap{grid-area:g;font-size:calc(var(--u)*1.6);color:var(--mu);white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.big .gap b{color:var(--ct)}
.big .measure{grid-area:m}
.big .value{grid-area:v;text-align:right;white-space:nowrap;font-size:calc(var(--u)*1.6);color:var(--mu)}
.big .value b{font-size:calc(var(--u)*3);font-weight:650;color:var(--tx)}
.screen .bullet{height:calc(var(--u)*1.2);border-radius:calc(var(--u)*.3)}
.screen .bullet .bar{border-radius:calc(var(--u)*.3)}
.screen .bullet .pace{top:calc(var(--u)*-.45);height:calc(var(--u)*2.1);width:calc(var(--u)*.22)}
.screen .bullet .goal,.screen .bullet .notch{width:calc(var(--u)*.18)}
.screen .cells{gap:calc(var(--u)*.3)} .screen .cells>i{height:calc(var(--u)*1.5)}
.screen .cells.dense{gap:1px}
.screen .ticks i,.screen .ticks svg{width:calc(var(--u)*2.1);height:calc(var(--u)*2.1)}
.screen .plain{font-size:calc(var(--u)*1.6)}
.screen footer{flex:none;display:flex;flex-wrap:wrap;align-items:center;gap:0 calc(var(--u)*2);color:var(--mu);
  font-size:calc(var(--u)*1.15)}
.screen footer .turn{flex:1 0 100%;height:3px;background:var(--tr);margin-bottom:calc(var(--u)*.6)}
.screen footer .turn i{display:block;height:100%;width:0;background:var(--go)}
.screen footer .keys{flex:1}
.screen footer a{color:inherit;border-radius:4px}
.screen footer a:focus-visible{outline:2px solid var(--go);outline-offset:3px}
.screen .stamp.lost{padding:.1em .6em;border-radius:4px;font-weight:650;color:var(--bg);background:var(--st-red-color)}
"""

SCREEN_JS = """
const STEP = 250, SILENT = 15000;
const root = parent => {
  let made = parent.querySelector('.root');
  if (!made) {
    made = Object.assign(document.createElement('div'), { className: 'root' });
    made.state = { place: 0, spent: 0, paused: false, heard: Date.now(), at: '' };
    parent.appendChild(made);
  }
  return made;
};
const show = (here, seconds) => {
  const { state } = here, slides = here.querySelectorAll('.slide'), words = here.querySelector('.screen').dataset;
  state.place = (state.place + slides.length) % slides.length;
  slides.forEach((slide, place) => { slide.hidden = place !== state.place });
  here.querySelector('.turn i').style.width = 100 * Math.min(state.spent / seconds / 1000, 1) + '%';
  here.querySelector('.place').textContent = `${state.place + 1} / ${slides.length}` + (state.paused ? ' · ' + words.paused : '');
  const lost = Date.now() - state.heard > SILENT, stamp = here.querySelector('.stamp');
  const said = (lost ? words.lost : words.updated) + ' ' + state.at;
  if (stamp.textContent !== said) stamp.textContent = said;
  stamp.classList.toggle('lost', lost);
};
export default function ({ data, parentElement, setTriggerValue }) {
  const here = root(parentElement), { state } = here;
  if (here.stop) here.stop();
  if (here.html !== data.html) { here.innerHTML = data.html; here.html = data.html }
  if (!state.at) state.at = data.at;
  const draw = () => show(here, data.seconds);
  const turn = steps => { state.place += steps; state.spent = 0; draw() };
  const pause = () => { state.paused = !state.paused; draw() };
  const leave = () => setTriggerValue('leave', true);
  const keys = { ' ': pause, ArrowRight: () => turn(1), ArrowLeft: () => turn(-1), Escape: leave };
  const pressed = event => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key]();
  };
  const heard = event => { state.heard = Date.now(); state.at = event.detail; draw() };
  const clock = setInterval(() => {
    if (!state.paused && !document.hidden) state.spent += STEP;
    state.spent >= data.seconds * 1000 ? turn(1) : draw();
  }, STEP);
  here.onclick = event => {
    if (!event.target.closest('.leave')) return pause();
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    leave();
  };
  document.addEventListener('keydown', pressed);
  window.addEventListener('portal-beat', heard);
  here.stop = () => {
    clearInterval(clock);
    document.removeEventListener('keydown', pressed);
    window.removeEventListener('portal-beat', heard);
    here.stop = null;
  };
  draw();
  return () => here.stop && here.stop();
}
"""

BEAT_JS = """
export default function ({ data }) { window.dispatchEvent(new CustomEvent('portal-beat', { detail: data.at })) }
"""

BARE = """<style>
[data-testid="stSidebar"],[data-testid="stHeader"],[data-testid="stToolbar"],[data-testid="stStatusWidget"]{display:none!important}
[data-testid="stApp"]{overflow:hidden}
</style>"""

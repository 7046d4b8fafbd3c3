from tests.test_pages import *
def test_probe(admin):
    at=visit(admin,"attendance",do="new"); fill(at,RECORDS["attendance"],who_fills(admin,RECORDS["attendance"])); press(at); print([t for t in texts(at)][-12:], [e.value for e in at.error],at.warning)

def list(actor, record, key):
    return []

def attach(actor, record, key, name, data):
    pass

import streamlit as st

from services import accounts

actor = accounts.actor_of(st.user.get("session"))
st.title("portal stub")
st.write(str(actor), st.user.to_dict())
st.file_uploader("文件")
st.date_input("日期")
st.multiselect("技能", ["a", "b"])
st.text_input("姓名")
st.number_input("人数")
st.dataframe({"a": [1, 2], "b": [3, 4]})
st.pagination(5)
with st.form("f"):
    st.text_input("表单")
    st.form_submit_button("保存")
